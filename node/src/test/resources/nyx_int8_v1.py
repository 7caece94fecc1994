"""docs/engine-nyx-int8-v1.md as a program: slow, plain and without libraries.

usage: nyx_int8_v1.py FILE.gguf temperature_micro top_p_micro top_k seed max_tokens id,id,...
Prints the output ids, the trace root, then the root over the weights. Ends at the token eos_token_id or at max_tokens.
"""
import hashlib
import math
import struct
import sys
from fractions import Fraction

# ---- constants, over 2^300

ONE = 1 << 300


def fixed_exp(x):
    total, term, k = ONE, ONE, 1
    while term:
        term = term * x // ONE // k
        total += term
        k += 1
    return total


def fixed_log(x):
    """Newton's method on the exponential; x at least ONE."""
    y = 0
    while x > 2 * ONE:
        x //= 2
        y += LOG_2
    guess = int(math.log(x / ONE) * 2 ** 60) << 240
    for _ in range(4):
        power = fixed_exp(abs(guess)) if guess >= 0 else ONE * ONE // fixed_exp(-guess)
        guess += 2 * (x - power) * ONE // (x + power)
    return y + guess


def fixed_log_2():
    total, k, term = 0, 1, ONE // 2
    while term:
        total += term // k
        term //= 2
        k += 1
    return total


def fixed_pi():
    def arctan(n):
        total, k, power, sign = 0, 1, ONE // n, 1
        while power:
            total += sign * (power // k)
            power //= n * n
            k += 2
            sign = -sign
        return total
    return 4 * (4 * arctan(5) - arctan(239))


def fixed_cos_sin(x):
    cos, sin, term, k = ONE, 0, ONE, 1
    while term:
        term = term * x // ONE // k
        if k % 2:
            sin += term if k % 4 == 1 else -term
        else:
            cos += term if k % 4 == 0 else -term
        k += 1
    return cos, sin


def nearest(x, bits):
    return (x * (1 << (bits + 1)) // ONE + 1) >> 1


LOG_2 = fixed_log_2()
PI = fixed_pi()
T = [nearest(ONE * ONE // fixed_exp(LOG_2 * j // 256), 30) for j in range(256)]
U = [nearest(ONE * ONE // fixed_exp(LOG_2 * j // 65536), 30) for j in range(256)]
SIGMA = [nearest(ONE * ONE // (ONE + ONE * ONE // fixed_exp(ONE * j // 256)), 30) for j in range(4097)]
CIRCLE = [[fixed_cos_sin(2 * PI * j // 256 ** (level + 1)) for j in range(256)] for level in range(3)]
COS = [[nearest(c, 30) for c, _ in level] for level in CIRCLE]
SIN = [[nearest(s, 30) for _, s in level] for level in CIRCLE]


# ---- notation

def rounded(v):
    return math.floor(v + Fraction(1, 2))


def rshift(a, n):
    return (a + (1 << (n - 1))) >> n


def sat(v):
    return max(-(2 ** 31 - 1), min(2 ** 31 - 1, v))


def shift(v, n):
    return sat(v << n) if n >= 0 else rshift(v, -n)


def mag(v):
    v = abs(Fraction(v))
    e = v.numerator.bit_length() - v.denominator.bit_length()
    while v >= Fraction(2) ** e:
        e += 1
    while v < Fraction(2) ** (e - 1):
        e -= 1
    return e


def i32(v):
    assert -2 ** 31 <= v < 2 ** 31, v
    return v


def i64(v):
    assert -2 ** 63 <= v < 2 ** 63, v
    return v


def halve(d):
    return 0 if d >= 60 << 16 else (T[(d & 0xffff) >> 8] * U[d & 0xff]) >> (d >> 16)


def silu(x):
    a = abs(x) >> 8
    sigma = 1 << 30 if a >= 4096 else SIGMA[a] + (((SIGMA[a + 1] - SIGMA[a]) * (abs(x) & 0xff)) >> 8)
    return rshift(i64(x * ((1 << 30) - sigma if x < 0 else sigma)), 30)


# ---- the file

class Gguf:
    SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
    BLOCKS = {0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 8: (32, 34)}

    def __init__(self, path):
        with open(path, "rb") as file:
            self.bytes = file.read()
        self.at = 8
        tensors, pairs = self.scalar("<Q"), self.scalar("<Q")
        self.meta = {}
        for _ in range(pairs):
            key = self.text()
            self.meta[key] = self.value(self.scalar("<I"))
        self.tensors = {}
        for _ in range(tensors):
            name = self.text()
            sizes = [self.scalar("<Q") for _ in range(self.scalar("<I"))]
            kind, offset = self.scalar("<I"), self.scalar("<Q")
            self.tensors[name] = (sizes[0], sizes[1] if len(sizes) > 1 else 1, kind, offset)
        self.data = (self.at + 31) // 32 * 32

    def scalar(self, form):
        value = struct.unpack_from(form, self.bytes, self.at)[0]
        self.at += struct.calcsize(form)
        return value

    def text(self):
        size = self.scalar("<Q")
        self.at += size
        return self.bytes[self.at - size:self.at]

    def value(self, kind):
        if kind == 8:
            return self.text()
        if kind == 9:
            inner, count = self.scalar("<I"), self.scalar("<Q")
            return [self.value(inner) for _ in range(count)]
        return self.scalar(self.SCALARS[kind])

    def number(self, key):
        return self.meta[key.encode()]

    def floats(self, name):
        columns, rows, kind, offset = self.tensors[name.encode()]
        return struct.unpack_from("<%df" % (columns * rows), self.bytes, self.data + offset)

    def matrix(self, name):
        columns, rows, kind, offset = self.tensors[name.encode()]
        values, size = self.BLOCKS[kind]
        stride = columns // values * size
        return [weight_row(kind, self.bytes[self.data + offset + r * stride:][:stride]) for r in range(rows)]


# ---- weights: a row is (bits, e, [(codes, S, N), ...])

def weight_row(kind, raw):
    if kind in (0, 1):
        values = struct.unpack("<%d%s" % (len(raw) // (4 if kind == 0 else 2), "f" if kind == 0 else "e"), raw)
        f = min([30 - mag(v) for v in values if v] + [256])
        coded = code([rounded(Fraction(v) * Fraction(2) ** f) for v in values], f)
        return 8, f + 11 - coded.Q, [(codes, shift(A, 4 - (coded.Q - q)), 0) for codes, A, q in coded.blocks]
    size = {2: 18, 3: 20, 8: 34}[kind]
    blocks = [raw[i:i + size] for i in range(0, len(raw), size)]
    s = [struct.unpack_from("<e", b)[0] for b in blocks]
    if kind == 8:
        e = min([12 - mag(v) for v in s if v] + [256])
        return 8, e, [(struct.unpack("<32b", b[2:]), rounded(Fraction(v) * Fraction(2) ** e), 0) for b, v in zip(blocks, s)]
    nibbles = [[x & 15 for x in b[-16:]] + [x >> 4 for x in b[-16:]] for b in blocks]
    e = min([14 - mag(v) for v in s if v] + [256])
    if kind == 2:
        S = [rounded(Fraction(v) * Fraction(2) ** e) for v in s]
        return 4, e, [(c, v, -8 * v) for c, v in zip(nibbles, S)]
    m = [struct.unpack_from("<e", b, 2)[0] for b in blocks]
    e = min([e] + [18 - mag(v) for v in m if v])
    return 4, e, [(c, rounded(Fraction(v) * Fraction(2) ** e), rounded(Fraction(w) * Fraction(2) ** e)) for c, v, w in zip(nibbles, s, m)]


def gain(values):
    greatest = max(abs(v) for v in values)
    E = 20 - mag(greatest) if greatest else 0
    return E, [rounded(Fraction(v) * Fraction(2) ** E) for v in values]


# ---- arithmetic

class code:
    def __init__(self, y, f):
        self.f = f
        self.blocks = [self.block(y[i:i + 32]) for i in range(0, len(y), 32)]
        self.Q = max(q for _, _, q in self.blocks)

    @staticmethod
    def block(y):
        M = max(abs(v) for v in y)
        q = max(0, M.bit_length() - 8)
        A = -(-128 * M // (127 << q))
        if A > 255:
            q += 1
            A = -(-128 * M // (127 << q))
        inverse = (1 << 30) // A if A else 0
        codes = [(i64(((v >> max(0, q - 16)) << max(0, 16 - q)) * inverse) + (1 << 38)) >> 39 for v in y]
        assert all(-127 <= c <= 127 for c in codes)
        return codes, A, q


def multiply(matrix, x):
    h = (len(x.blocks) - 1).bit_length()
    sums = [sum(codes) for codes, _, _ in x.blocks]
    out = []
    for _, e, blocks in matrix:
        acc = 0
        for (w, S, N), (c, A, q), total in zip(blocks, x.blocks, sums):
            whole = i32(sum(a * b for a, b in zip(w, c)) * S + total * N + 128)
            acc += i32((whole >> 8) * A) >> min(31, x.Q - q + h)
        out.append(shift(i32(acc), x.Q - x.f + h + 17 - e))
    return out


def norm(x, gains, epsilon):
    E, G = gains
    d = max(0, max(abs(v) for v in x).bit_length() - 23)
    x = [v >> d for v in x]
    V = max(1, i64(sum(v * v for v in x)) // len(x) + (epsilon >> 2 * d))
    u = (62 - V.bit_length()) // 2
    R = (1 << 61) // math.isqrt(V << 2 * u)
    return code([rshift(rshift(i64(v * R), 41 - u) * g, 20) for v, g in zip(x, G)], E)


def mantissas(values, B):
    x = max(0, max(abs(v) for v in values).bit_length() - B)
    limit = (1 << B) - 1
    return x, [max(-limit, min(limit, rshift(v, x))) if x else v for v in values]


class Model:
    def __init__(self, path):
        g = Gguf(path)
        self.heads = g.number("llama.attention.head_count")
        self.kv_heads = g.number("llama.attention.head_count_kv")
        self.width = g.number("llama.embedding_length")
        self.size = self.width // self.heads
        self.hidden = g.number("llama.feed_forward_length")
        self.epsilon = rounded(Fraction(g.number("llama.attention.layer_norm_rms_epsilon")) * 2 ** 32)
        self.eos = g.number("tokenizer.ggml.eos_token_id")
        base = fixed_log(int(Fraction(g.number("llama.rope.freq_base")) * ONE))
        self.step = [nearest(ONE * ONE // (fixed_exp(base * 2 * i // self.size) * 2 * PI // ONE), 64) for i in range(self.size // 2)]
        self.K = nearest(ONE * ONE // (LOG_2 * math.isqrt(self.size * ONE * ONE) // ONE), 30)
        self.embedding = g.matrix("token_embd.weight")
        self.output = g.matrix("output.weight") if b"output.weight" in g.tensors else self.embedding
        self.output_norm = gain(g.floats("output_norm.weight"))
        self.layers = []
        for i in range(g.number("llama.block_count")):
            at = "blk.%d." % i
            layer = {n: g.matrix(at + n + ".weight") for n in ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")}
            layer.update({n: gain(g.floats(at + n + ".weight")) for n in ("attn_norm", "ffn_norm")})
            self.layers.append(layer)
        self.cache = [[[] for _ in range(self.kv_heads)] for _ in self.layers]
        self.steps = []

    def rotate(self, head, position):
        out = []
        for i, step in enumerate(self.step):
            top = ((position * step + (1 << 39)) % 2 ** 64) >> 40
            b = top.to_bytes(3, "big")
            c, s = COS[0][b[0]], SIN[0][b[0]]
            for l in (1, 2):
                c, s = rshift(c * COS[l][b[l]] - s * SIN[l][b[l]], 30), rshift(c * SIN[l][b[l]] + s * COS[l][b[l]], 30)
            a, b = head[2 * i], head[2 * i + 1]
            out += [sat(rshift(i64(a * c - b * s), 30)), sat(rshift(i64(a * s + b * c), 30))]
        return out

    def split(self, values):
        return [values[i:i + self.size] for i in range(0, len(values), self.size)]

    def attend(self, query, cached):
        xq, q = mantissas(query, 12)
        scores = [i64(i32(sum(a * b for a, b in zip(q, k))) * self.K) >> (46 - xq - xk) for xk, k, _, _ in cached]
        w = [halve(max(scores) - s) >> 30 for s in scores]
        inverse = (1 << 62) // sum(w)
        P = [i64(v * inverse) >> 43 for v in w]
        X = max(xv for _, _, xv, _ in cached)
        mixed = [i32(sum((p >> (X - xv)) * v[d] for p, (_, _, xv, v) in zip(P, cached))) for d in range(self.size)]
        return [rshift(m * ((1 << 40) // sum(P)), 40 - X) for m in mixed]

    def run(self, token):
        position = len(self.steps)
        _, e, blocks = self.embedding[token]
        x = [shift(c * S + N, 16 - e) for codes, S, N in blocks for c in codes]
        hashes = []
        for layer, cache in zip(self.layers, self.cache):
            normed = norm(x, layer["attn_norm"], self.epsilon)
            queries, keys, values = (self.split(multiply(layer[n], normed)) for n in ("attn_q", "attn_k", "attn_v"))
            for cached, key, value in zip(cache, keys, values):
                cached.append(mantissas(self.rotate(key, position), 11) + mantissas(value, 11))
            attended = []
            for h, query in enumerate(queries):
                attended += self.attend(self.rotate(query, position), cache[h // (self.heads // self.kv_heads)])
            x = [sat(a + b) for a, b in zip(x, multiply(layer["attn_output"], code(attended, 16)))]
            normed = norm(x, layer["ffn_norm"], self.epsilon)
            hidden = [rshift(i64(silu(g) * u), 8) for g, u in zip(multiply(layer["ffn_gate"], normed), multiply(layer["ffn_up"], normed))]
            x = [sat(a + b) for a, b in zip(x, multiply(layer["ffn_down"], code(hidden, 24)))]
            leaves = [struct.pack("<%di" % len(x[i:i + 128]), *x[i:i + 128]) for i in range(0, len(x), 128)]
            for cached in cache:
                xk, k, xv, v = cached[-1]
                leaves.append(struct.pack("<BB%dh" % (2 * self.size), xk, xv, *k, *v))
            hashes.append(root([sha(leaf) for leaf in leaves]))
        self.steps.append(sha(b"nyxos:trace-step:v1" + struct.pack("<II", position, token) + root(hashes)))
        return x

    def weights_root(self):
        tied = self.output is self.embedding
        leaves = [b"nyxos:weights:v1" + struct.pack("<7IB2Q%dQ" % len(self.step), len(self.layers), self.width, self.heads, self.kv_heads, self.size,
                                                    self.hidden, len(self.embedding), tied, self.epsilon, self.K, *self.step)]
        leaves += map(row_leaf, self.embedding)
        leaves += [] if tied else map(row_leaf, self.output)
        leaves += gain_leaves(*self.output_norm)
        for layer in self.layers:
            leaves += gain_leaves(*layer["attn_norm"])
            for n in ("attn_q", "attn_k", "attn_v", "attn_output"):
                leaves += map(row_leaf, layer[n])
            leaves += gain_leaves(*layer["ffn_norm"])
            for n in ("ffn_gate", "ffn_up", "ffn_down"):
                leaves += map(row_leaf, layer[n])
        return root([sha(leaf) for leaf in leaves])

    def logits(self, x):
        return multiply(self.output, norm(x, self.output_norm, self.epsilon))


# ---- trace

def sha(data):
    return hashlib.sha256(data).digest()


def root(items):
    if len(items) == 1:
        return sha(b"\0" + items[0])
    half = 1 << (len(items) - 1).bit_length() - 1
    return sha(b"\1" + root(items[:half]) + root(items[half:]))


# ---- the leaves of the root over the weights (docs/disputes.md)

def row_leaf(row):
    bits, e, blocks = row
    leaf = struct.pack("<Bh", bits, e)
    for codes, S, N in blocks:
        if bits == 4:
            leaf += struct.pack("<hi16B", S, N, *(codes[j] | codes[j + 1] << 4 for j in range(0, 32, 2)))
        else:
            assert N == 0
            leaf += struct.pack("<h32b", S, *codes)
    return leaf


def gain_leaves(E, G):
    return [struct.pack("<h%di" % len(G[i:i + 128]), E, *G[i:i + 128]) for i in range(0, len(G), 128)]


# ---- sampler

class Sampler:
    def __init__(self, temperature, top_p, top_k, seed):
        self.temperature, self.top_p, self.top_k, self.state = temperature, top_p, top_k, seed % 2 ** 64

    def draw(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) % 2 ** 64
        z = self.state
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 % 2 ** 64
        z = (z ^ z >> 27) * 0x94D049BB133111EB % 2 ** 64
        return z ^ z >> 31

    def pick(self, logits):
        order = sorted(range(len(logits)), key=lambda i: (-logits[i], i))
        if self.temperature == 0:
            return order[0]
        greatest = logits[order[0]]
        kept = [(i, halve((greatest - logits[i]) * 1442695 // self.temperature) >> 20) for i in order]
        kept = [(i, w) for i, w in kept if w]
        if self.top_k:
            kept = kept[:self.top_k]
        total = sum(w for _, w in kept)
        if self.top_p < 10 ** 6:
            share = -(-total * self.top_p // 10 ** 6)
            running = 0
            for n, (_, w) in enumerate(kept):
                running += w
                if running >= share:
                    break
            kept, total = kept[:n + 1], running
        target = self.draw() * total >> 64
        running = 0
        for i, w in kept:
            running += w
            if running > target:
                return i
        raise AssertionError("a running weight exceeds every target")


def main(path, temperature, top_p, top_k, seed, max_tokens, ids):
    model = Model(path)
    sampler = Sampler(int(temperature), int(top_p), int(top_k), int(seed))
    for token in map(int, ids.split(",")):
        x = model.run(token)
    output = []
    while True:
        output.append(sampler.pick(model.logits(x)))
        if output[-1] == model.eos or len(output) == int(max_tokens):
            break
        x = model.run(output[-1])
    print(",".join(map(str, output)))
    print(root(model.steps).hex())
    print(model.weights_root().hex())


if __name__ == "__main__":
    main(*sys.argv[1:])
