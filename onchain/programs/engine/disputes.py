"""Writes src/cases.bin: disputes about a small random model's reply, with their evidence, as docs/disputes.md has it.

usage: python3 disputes.py

The model is run by nyx_int8_v1.py; this script notes what it computes on the way, makes the vectors and the trees of that, and of each vector
disputes about right numbers and about wrong ones. The format of a case is told by src/cases.rs, which runs them.
"""
import math
import os
import random
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../../node/src/test/resources"))
import nyx_int8_v1 as spec  # noqa: E402

MATRICES = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")
LAYER = ("attn_norm", "attn_q", "attn_k", "attn_v", "attn_output", "ffn_norm", "ffn_gate", "ffn_up", "ffn_down")


# ---- a model

def random_row(rng, bits, columns):
    def block():
        if bits == 4:
            S = rng.randint(1000, 16000)
            return [rng.randint(0, 15) for _ in range(32)], S, -8 * S + rng.randint(-500, 500)
        return [rng.randint(-127, 127) for _ in range(32)], rng.randint(200, 4000), 0
    return bits, 20, [block() for _ in range(columns // 32)]


def random_model(rng):
    model = spec.Model.__new__(spec.Model)
    model.heads, model.kv_heads, model.size, model.width, model.hidden = 6, 3, 32, 192, 160
    model.epsilon, model.K = 42950, 273841598
    model.step = [rng.randint(1, 2 ** 62) >> i for i in range(model.size // 2)]

    def matrix(rows, columns):
        return [random_row(rng, rng.choice([4, 8]), columns) for _ in range(rows)]

    def gain():
        return 19, [rng.randint(1 << 18, 1 << 20) for _ in range(model.width)]

    model.embedding, model.output, model.output_norm = matrix(150, model.width), matrix(150, model.width), gain()
    shapes = {"attn_k": (96, 192), "attn_v": (96, 192), "ffn_gate": (160, 192), "ffn_up": (160, 192), "ffn_down": (192, 160)}
    model.layers = [{n: gain() if n.endswith("norm") else matrix(*shapes.get(n, (192, 192))) for n in LAYER} for _ in range(2)]
    model.cache = [[[] for _ in range(model.kv_heads)] for _ in model.layers]
    model.steps = []
    return model


def shape_bytes(model):
    return struct.pack("<7IB2Q", len(model.layers), model.width, model.heads, model.kv_heads, model.size, model.hidden, len(model.embedding), 0,
                       model.epsilon, model.K)


class Weights:
    """The tree over the weights."""

    def __init__(self, model):
        self.leaves, self.first = [b"nyxos:weights:v1" + shape_bytes(model) + struct.pack("<%dQ" % len(model.step), *model.step)], {}
        for name, part in [("embedding", model.embedding), ("output", model.output), ("output_norm", model.output_norm)]:
            self.add(name, part)
        for i, layer in enumerate(model.layers):
            for name in LAYER:
                self.add((i, name), layer[name])
        self.items = [spec.sha(leaf) for leaf in self.leaves]
        self.root = spec.root(self.items)
        assert self.root == model.weights_root()

    def add(self, name, part):
        self.first[name] = len(self.leaves)
        self.leaves += spec.gain_leaves(*part) if isinstance(part, tuple) else map(spec.row_leaf, part)

    def open(self, name, index=0):
        at = 0 if name == "header" else self.first[name] + index
        return counted(self.leaves[at]) + path(self.items, at)


# ---- trees

def audit(items, index):
    if len(items) == 1:
        return []
    half = 1 << (len(items) - 1).bit_length() - 1
    left, right = items[:half], items[half:]
    return audit(left, index) + [spec.root(right)] if index < half else audit(right, index - half) + [spec.root(left)]


def path(items, index):
    steps = audit(items, index)
    return bytes([len(steps)]) + b"".join(steps)


def counted(chunk):
    return struct.pack("<H", len(chunk)) + chunk


class Vector:
    def __init__(self, chunks):
        self.chunks = chunks
        self.items = [spec.sha(chunk) for chunk in chunks]
        self.root = spec.root(self.items)

    def open(self, index):
        return counted(self.chunks[index]) + path(self.items, index)

    def whole(self):
        return b"".join(map(counted, self.chunks))


# ---- what is computed on the way

def numbers(values, count=128):
    return [struct.pack("<%di" % len(values[i:i + count]), *values[i:i + count]) for i in range(0, len(values), count)]


def code_chunks(coded, blocks=4):
    each = [struct.pack("<BB32b", A, q, *codes) for codes, A, q in coded.blocks]
    return [b"".join(each[i:i + blocks]) for i in range(0, len(each), blocks)]


def norm_chunk(x, gains, epsilon):
    d = max(0, max(abs(v) for v in x).bit_length() - 23)
    V = max(1, sum((v >> d) ** 2 for v in x) // len(x) + (epsilon >> 2 * d))
    u = (62 - V.bit_length()) // 2
    return struct.pack("<BBQh", d, u, (1 << 61) // math.isqrt(V << 2 * u), gains[0])


def key_leaf(cached, size):
    xk, k, xv, v = cached
    return struct.pack("<BB%dh" % (2 * size), xk, xv, *k, *v)


def attention(model, query, cached):
    """A head's chunks of vectors 6 to 9, and what it attends to."""
    xq, q = spec.mantissas(query, 12)
    scores = [sum(a * b for a, b in zip(q, k)) * model.K >> (46 - xq - xk) for xk, k, _, _ in cached]
    exponents = [xv for _, _, xv, _ in cached]
    top, X = max(scores), max(exponents)
    w = [spec.halve(top - s) >> 30 for s in scores]
    running = [sum(w[:i + 1]) for i in range(len(w))]
    P = [v * ((1 << 62) // running[-1]) >> 43 for v in w]
    mixed, total, chunks = [0] * model.size, 0, []
    for p, (_, _, xv, v) in zip(P, cached):
        total, mixed = total + p, [m + (p >> (X - xv)) * one for m, one in zip(mixed, v)]
        chunks.append(struct.pack("<Q%di" % model.size, total, *mixed))
    attended = [spec.rshift(m * ((1 << 40) // total), 40 - X) for m in mixed]
    assert attended == model.attend(query, cached)
    cut = [(scores[i:i + 64], running[i:i + 64]) for i in range(0, len(scores), 64)]
    return ([struct.pack("<%dq" % len(s), *s) for s, _ in cut], struct.pack("<IqIB", scores.index(top), top, exponents.index(X), X),
            [struct.pack("<%dQ" % len(r), *r) for _, r in cut], chunks, attended)


class Block:
    """The vectors of a layer of a step."""

    def __init__(self, model, layer, position, x):
        weights = model.layers[layer]
        codes = spec.norm(x, weights["attn_norm"], model.epsilon)
        heads = {n: model.split(spec.multiply(weights[n], codes)) for n in ("attn_q", "attn_k", "attn_v")}
        for cached, key, value in zip(model.cache[layer], heads["attn_k"], heads["attn_v"]):
            cached.append(spec.mantissas(model.rotate(key, position), 11) + spec.mantissas(value, 11))
        queries = [model.rotate(q, position) for q in heads["attn_q"]]
        seen = [attention(model, q, model.cache[layer][h * model.kv_heads // model.heads]) for h, q in enumerate(queries)]
        attended = spec.code([v for one in seen for v in one[4]], 16)
        middle = [spec.sat(a + b) for a, b in zip(x, spec.multiply(weights["attn_output"], attended))]
        middle_codes = spec.norm(middle, weights["ffn_norm"], model.epsilon)
        gate, up = (spec.multiply(weights[n], middle_codes) for n in ("ffn_gate", "ffn_up"))
        hidden = spec.code([spec.rshift(spec.silu(g) * u, 8) for g, u in zip(gate, up)], 24)
        self.out = [spec.sat(a + b) for a, b in zip(middle, spec.multiply(weights["ffn_down"], hidden))]
        rotated = [spec.mantissas(q, 12) for q in queries]
        self.vectors = [Vector(chunks) for chunks in (
            [norm_chunk(x, weights["attn_norm"], model.epsilon)], code_chunks(codes),
            *([chunk for head in heads[n] for chunk in numbers(head)] for n in ("attn_q", "attn_k", "attn_v")),
            [struct.pack("<B%dh" % len(q), xq, *q) for xq, q in rotated],
            [c for one in seen for c in one[0]], [one[1] for one in seen], [c for one in seen for c in one[2]], [c for one in seen for c in one[3]],
            code_chunks(attended, model.size // 32), numbers(middle),
            [norm_chunk(middle, weights["ffn_norm"], model.epsilon)], code_chunks(middle_codes), numbers(gate), numbers(up), code_chunks(hidden),
            numbers(self.out) + [key_leaf(head[-1], model.size) for head in model.cache[layer]])]


class Run:
    """All blocks of a run, and its trace."""

    def __init__(self, model, tokens):
        self.model, self.tokens, self.weights = model, tokens, Weights(model)
        self.blocks, self.roots, self.steps = [], [], []
        for position, token in enumerate(tokens):
            _, e, row = model.embedding[token]
            x = [spec.shift(c * S + N, 16 - e) for codes, S, N in row for c in codes]
            blocks = []
            for layer in range(len(model.layers)):
                blocks.append(Block(model, layer, position, x))
                x = blocks[-1].out
            self.blocks.append(blocks)
            self.roots.append(spec.root([block.vectors[17].root for block in blocks]))
            self.steps.append(spec.sha(b"nyxos:trace-step:v1" + struct.pack("<II", position, token) + self.roots[-1]))
        self.root = spec.root(self.steps)

    def leaf(self, position, layer, chunk, near):
        opening = self.blocks[position][layer].vectors[17].open(chunk) + path([b.vectors[17].root for b in self.blocks[position]], layer)
        return opening if near else opening + struct.pack("<I", self.tokens[position]) + path(self.steps, position)


# ---- disputes

class Disputed:
    """A block in dispute."""

    def __init__(self, run, position, layer):
        self.run, self.position, self.layer, self.vectors = run, position, layer, run.blocks[position][layer].vectors
        self.n, self.parts, self.stream = position + 1, position // 64 + 1, -(-run.model.width // 128)

    def facts(self):
        run = self.run
        return (b"\0" + shape_bytes(run.model) + run.weights.root + run.root + struct.pack("<III", len(run.tokens), self.position, run.tokens[self.position])
                + run.roots[self.position] + struct.pack("<I", self.layer) + b"".join(v.root for v in self.vectors))

    def row(self, name, index):
        return self.run.weights.open((self.layer, name), index)

    def x(self, chunk):
        if self.layer == 0:
            return self.run.weights.open("embedding", self.run.tokens[self.position])
        return self.run.leaf(self.position, self.layer - 1, chunk, True)

    def key_head(self, head, position):
        key_head = head * self.run.model.kv_heads // self.run.model.heads
        if position == self.position:
            return self.run.weights.open("header") + self.vectors[3].open(key_head) + self.vectors[4].open(key_head)
        return self.run.leaf(position, self.layer, self.stream + key_head, False)

    def evidence(self, vector, chunk, element):
        v, size = self.vectors, self.run.model.size
        if vector == 0:
            return b"".join(self.x(c) for c in range(self.stream if self.layer else 1)) + self.row("attn_norm", 0)
        if vector == 1:
            return self.x(chunk) + v[0].open(0) + self.row("attn_norm", chunk)
        if vector in (2, 3, 4):
            return v[0].open(0) + v[1].whole() + self.row(MATRICES[vector - 2], chunk * size + element)
        if vector == 5:
            return self.run.weights.open("header") + v[2].open(chunk)
        if vector == 6:
            head, position = chunk // self.parts, chunk % self.parts * 64 + element
            return v[5].open(head) + self.key_head(head, position)
        if vector == 7:
            position = element // 2
            return self.key_head(chunk, position) if element % 2 else v[6].open(chunk * self.parts + position // 64)
        if vector == 8:
            before = v[8].open(chunk - 1) if element == 0 and chunk % self.parts else b""
            return v[6].open(chunk) + v[7].open(chunk // self.parts) + before
        if vector == 9:
            head, position = chunk // self.n, chunk % self.n
            return (v[6].open(head * self.parts + position // 64) + v[7].open(head) + v[8].open(head * self.parts + self.parts - 1)
                    + self.key_head(head, position) + (v[9].open(chunk - 1) if position else b""))
        if vector == 10:
            return v[7].open(chunk) + v[9].open(chunk * self.n + self.n - 1)
        if vector == 11:
            return v[10].whole() + self.row("attn_output", chunk * 128 + element) + self.x(chunk)
        if vector == 12:
            return v[11].whole() + self.row("ffn_norm", 0)
        if vector == 13:
            return v[11].open(chunk) + v[12].open(0) + self.row("ffn_norm", chunk)
        if vector in (14, 15):
            return v[12].open(0) + v[13].whole() + self.row(MATRICES[vector - 10], chunk * 128 + element)
        if vector == 16:
            return v[14].open(chunk) + v[15].open(chunk)
        if chunk < self.stream:
            return v[16].whole() + self.row("ffn_down", chunk * 128 + element) + v[11].open(chunk)
        return self.run.weights.open("header") + v[3].open(chunk - self.stream) + v[4].open(chunk - self.stream)


def case(facts, place, content, evidence, wrong):
    return (facts + struct.pack("<BIIH", *place, len(content)) + content + struct.pack("<I", len(evidence)) + evidence + bytes([wrong]))


def changed(rng, content, element, size):
    """The content with one number of `size` bytes another; of any number where the table has no elements."""
    at = rng.randrange(len(content)) if size is None else element * size + rng.randrange(size)
    return content[:at] + bytes([content[at] ^ 1 << rng.randrange(8)]) + content[at + 1:]


SIZES = {2: 4, 3: 4, 4: 4, 6: 8, 8: 8, 11: 4, 14: 4, 15: 4}


def block_cases(rng, run):
    for position, layer in ((len(run.tokens) - 1, 1), (len(run.tokens) - 2, 0), (0, 1)):
        disputed = Disputed(run, position, layer)
        facts = disputed.facts()
        for vector, chunks in enumerate(disputed.vectors):
            count = len(chunks.chunks)
            for chunk in sorted({count - 1, rng.randrange(count)}):
                content = chunks.chunks[chunk]
                size = 4 if vector == 17 and chunk < disputed.stream else SIZES.get(vector)
                if vector == 7:
                    yield from peak_cases(rng, disputed, facts, chunk)
                    continue
                for element in [0] if size is None else sorted({0, rng.randrange(len(content) // size)}):
                    evidence = disputed.evidence(vector, chunk, element)
                    yield case(facts, (vector, chunk, element), content, evidence, 0)
                    yield case(facts, (vector, chunk, element), changed(rng, content, element, size), evidence, 1)


def peak_cases(rng, disputed, facts, chunk):
    content = disputed.vectors[7].chunks[chunk]
    at, top, X_at, X = struct.unpack("<IqIB", content)
    positions = {0, disputed.position, at, X_at, rng.randrange(disputed.n)}
    for position in sorted(positions):
        for kind in (0, 1):
            yield case(facts, (7, chunk, 2 * position + kind), content, disputed.evidence(7, chunk, 2 * position + kind), 0)
    wrong = [(2 * at, (at, top - 1, X_at, X)), (2 * at, (at, top + 1, X_at, X)), (2 * X_at + 1, (at, top, X_at, X + 1)),
             (2 * X_at + 1, (at, top, X_at, X - 1)), (0, (disputed.n, top, X_at, X)), (1, (at, top, disputed.n, X))]
    if at < disputed.position:
        wrong += [(2 * at, (at + 1, top, X_at, X))]
    if X_at < disputed.position:
        wrong += [(2 * X_at + 1, (at, top, X_at + 1, X))]
    if at > 0:
        wrong += [(2 * at - 2, (at - 1, top, X_at, X))]
    for element, peaks in wrong:
        yield case(facts, (7, chunk, element), struct.pack("<IqIB", *peaks), disputed.evidence(7, chunk, element), 1)


# ---- choices

class Choice:
    """The vectors of what the logits of a step chose, by a receipt's sampler."""

    def __init__(self, run, position, sampler, candidates=None, chosen=None):
        self.run, self.position, self.sampler = run, position, sampler
        model, (temperature, top_p, top_k, seed, index) = run.model, sampler
        x = run.blocks[position][-1].out
        codes = spec.norm(x, model.output_norm, model.epsilon)
        self.logits = spec.multiply(model.output, codes)
        self.order = sorted(range(len(self.logits)), key=lambda i: (-self.logits[i], i))
        if candidates is None:
            candidates, running = [], 0
            for i in self.order[:1] if temperature == 0 else self.order:
                running += self.weight(i)
                if temperature == 0 or self.weight(i):
                    candidates.append((i, self.logits[i], running))
        self.candidates = candidates
        draws = spec.Sampler(temperature, top_p, top_k, seed)
        for _ in range(index):
            draws.draw()
        self.token = draws.pick(self.logits)
        self.chosen = chosen or self.choose()
        self.vectors = [Vector(chunks) for chunks in (
            [norm_chunk(x, model.output_norm, model.epsilon)], code_chunks(codes), numbers(self.logits),
            [b"".join(struct.pack("<IiQ", *c) for c in candidates[i:i + 32]) for i in range(0, len(candidates), 32)],
            [struct.pack("<IQI", *self.chosen)])]

    def weight(self, token):
        temperature = self.sampler[0]
        return temperature and spec.halve((self.logits[self.order[0]] - self.logits[token]) * 1442695 // temperature) >> 20

    def choose(self):
        temperature, top_p, top_k, seed, index = self.sampler
        if temperature == 0:
            return 1, 0, 0
        m = min(top_k, len(self.candidates)) if top_k else len(self.candidates)
        share = -(-self.candidates[m - 1][2] * top_p // 10 ** 6)
        kept = m if top_p == 10 ** 6 else next(i for i in range(m) if self.candidates[i][2] >= share) + 1
        draws = spec.Sampler(*self.sampler[:4])
        target = [draws.draw() for _ in range(index + 1)][-1] * self.candidates[kept - 1][2] >> 64
        return kept, target, next(i for i in range(kept) if self.candidates[i][2] > target)

    def facts(self, token=None):
        run, (temperature, top_p, top_k, seed, index) = self.run, self.sampler
        return (b"\1" + shape_bytes(run.model) + run.weights.root + run.root
                + struct.pack("<IIIIQIIII", len(run.tokens), self.position, self.token if token is None else token, index, seed, temperature, top_p, top_k,
                              len(self.candidates)) + b"".join(v.root for v in self.vectors))

    def open(self, index):
        return self.vectors[3].open(index // 32)

    def evidence(self, vector, chunk, element, token=None):
        v, run, layer = self.vectors, self.run, len(self.run.model.layers) - 1
        if vector == 0:
            return b"".join(run.leaf(self.position, layer, c, False) for c in range(-(-run.model.width // 128))) + run.weights.open("output_norm")
        if vector == 1:
            return run.leaf(self.position, layer, chunk, False) + v[0].open(0) + run.weights.open("output_norm", chunk)
        if vector == 2:
            return v[0].open(0) + v[1].whole() + run.weights.open("output", chunk * 128 + element)
        if vector == 3:
            index, kind = chunk * 32 + element // 4, element % 4
            before = self.open(index - 1) if index and index % 32 == 0 else b""
            if kind == 0:
                return v[2].open(self.candidates[index][0] // 128)
            if kind == 1:
                return self.open(0) + before
            shown = struct.pack("<I", token) + v[2].open(token // 128) + self.open(0)
            return shown + (before if kind == 2 else b"")
        kept, _, at = self.chosen
        if element == 0:
            m = min(self.sampler[2] or len(self.candidates), len(self.candidates))
            return b"" if self.sampler[0] == 0 else self.open(m - 1) + self.open(kept - 1) + (self.open(kept - 2) if kept > 1 else b"")
        if element == 1:
            return self.open(kept - 1)
        return self.open(at) + (self.open(at - 1) if element == 2 and at else b"")

    def case(self, place, wrong, content=None, **other):
        content = self.vectors[place[0]].chunks[place[1]] if content is None else content
        return case(self.facts(other.pop("chosen", None)), place, content, self.evidence(*place, **other), wrong)


def choice_cases(rng, run):
    position = len(run.tokens) - 3
    for sampler in ((800000, 900000, 40, 42, 2), (10 ** 8, 10 ** 6, 0, 7, 0), (300000, 10 ** 6, 5, 9, 1), (0, 10 ** 6, 0, 1, 0)):
        honest = Choice(run, position, sampler)
        assert honest.candidates[honest.chosen[2]][0] == honest.token
        for vector in (0, 1, 2):
            count = len(honest.vectors[vector].chunks)
            for chunk in sorted({0, count - 1}):
                content = honest.vectors[vector].chunks[chunk]
                for element in sorted({0, rng.randrange(len(content) // 4)}) if vector == 2 else [0]:
                    yield honest.case((vector, chunk, element), 0)
                    yield honest.case((vector, chunk, element), 1, changed(rng, content, element, 4 if vector == 2 else None))
        yield from candidate_cases(rng, honest)
        yield from chosen_cases(honest)


def candidate_cases(rng, honest):
    run, position, sampler = honest.run, honest.position, honest.sampler
    all_of, last = honest.candidates, len(honest.candidates) - 1
    outside = [i for i in honest.order if i not in {c[0] for c in all_of}]

    def place(index, kind):
        return 3, index // 32, index % 32 * 4 + kind

    def liar(candidates):
        return Choice(run, position, sampler, candidates, honest.chosen)

    for index in sorted({0, last, rng.randrange(last + 1), min(32, last)}):
        yield honest.case(place(index, 0), 0)
        yield honest.case(place(index, 1), 0)
        for token in sorted({honest.order[-1], honest.order[min(index + 1, 149)]}):
            yield honest.case(place(index, 2), 0, token=token)
        i, logit, running = all_of[index]
        yield liar(all_of[:index] + [(i, logit + 1, running)] + all_of[index + 1:]).case(place(index, 0), 1)
        yield liar(all_of[:index] + [(i, logit, running + 1)] + all_of[index + 1:]).case(place(index, 1), 1)
        if index < last:
            # One left out, all behind it moved up.
            yield liar(all_of[:index] + all_of[index + 1:]).case(place(index, 2), 1, token=i)
            yield liar(all_of[:index] + [all_of[index + 1], all_of[index]] + all_of[index + 2:]).case(place(index + 1, 1), 1)
    if sampler[0]:
        if outside:
            yield honest.case(place(last, 3), 0, token=outside[0])
            yield liar(all_of + [(outside[0], honest.logits[outside[0]], all_of[-1][2])]).case(place(last + 1, 1), 1)
        yield honest.case(place(last, 3), 0, token=all_of[last][0])
        if last:
            yield liar(all_of[:-1]).case(place(last - 1, 3), 1, token=all_of[last][0])
    else:
        second = honest.order[1]
        yield liar([(second, honest.logits[second], 0)]).case(place(0, 2), 1, token=honest.order[0])


def chosen_cases(honest):
    (kept, target, at), n = honest.chosen, len(honest.candidates)

    def liar(chosen):
        return Choice(honest.run, honest.position, honest.sampler, honest.candidates, chosen)

    elements = (0, 1, 2, 3) if honest.sampler[0] else (0, 3)
    for element in elements:
        yield honest.case((4, 0, element), 0)
    yield honest.case((4, 0, 3), 1, chosen=honest.token + 1)
    if honest.sampler[0] == 0:
        for chosen in ((2, 0, 0), (1, 1, 0), (1, 0, 1)):
            yield liar(chosen).case((4, 0, 0), 1)
        return
    for wrong in sorted({kept - 1, kept + 1} & set(range(1, n + 1))):
        if honest.sampler[2] == 0 or wrong <= honest.sampler[2]:
            yield liar((wrong, target, at)).case((4, 0, 0), 1)
    yield liar((kept, target + 1, at)).case((4, 0, 1), 1)
    for wrong in sorted({at - 1, at + 1} & set(range(kept))):
        yield liar((kept, target, wrong)).case((4, 0, 2), 1)


def main():
    rng = random.Random(11)
    run = Run(random_model(rng), [rng.randrange(150) for _ in range(67)])
    cases = list(block_cases(rng, run)) + list(choice_cases(rng, run))
    with open(os.path.join(HERE, "src/cases.bin"), "wb") as file:
        file.write(struct.pack("<I", len(cases)) + b"".join(cases))
    print(len(cases), "cases")


if __name__ == "__main__":
    main()
