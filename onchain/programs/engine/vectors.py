"""Writes src/tables.bin, and src/arithmetic.txt: what the engine's second implementation, nyx_int8_v1.py, makes of random numbers.

usage: python3 vectors.py

A line is a case: what is computed, its arguments, what comes out, with ` | ` between; numbers are decimal, with a space between.
"""
import os
import random
import struct
import sys
from types import SimpleNamespace

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../../node/src/test/resources"))
import nyx_int8_v1 as spec  # noqa: E402


def size(rng, bits):
    """A number of any magnitude up to so many bits, of either sign; often one of the ends."""
    limit = (1 << rng.choice([bits, rng.randint(0, bits)])) - 1
    return rng.choice([limit, -limit, rng.randint(-limit, limit), rng.randint(-limit, limit)])


def row(rng, bits, blocks):
    """A row of 4 or 8 bits a code."""
    def block():
        if bits == 4:
            return [rng.randint(0, 15) for _ in range(32)], size(rng, 14) // 2, size(rng, 18) // 2
        return [rng.randint(-128, 127) for _ in range(32)], rng.randint(-4094, 4094), 0
    return bits, rng.choice([rng.randint(-20, 40), 256]), [block() for _ in range(blocks)]


def code_bytes(coded):
    return b"".join(struct.pack("<BB32b", A, q, *codes) for codes, A, q in coded.blocks)


def cases():
    rng = random.Random(7)
    for d in [0, 1, 65535, 65536, 1000000, 3932159, 3932160, 1 << 63] + [rng.randint(0, 61 << 16) for _ in range(200)]:
        yield "halve", [d], [spec.halve(d)]
    for x in [1, -1, 65536, -65536, 200001, -200001, 1048575, 1048576, -1048575] + [size(rng, 31) for _ in range(200)]:
        up = size(rng, 31)
        yield "hidden", [x, up], [spec.rshift(spec.silu(x) * up, 8)]
    for _ in range(200):
        v, n = size(rng, 31), rng.choice([rng.randint(-40, 40), rng.randint(-300, 300)])
        yield "shift", [v, n], [spec.shift(v, n)]
    for _ in range(60):
        bits = rng.choice([rng.randint(0, 54), 54])
        y = [size(rng, bits) for _ in range(32)]
        yield "code", y, list(code_bytes(spec.code(y, 0)))
    for _ in range(20):
        n = rng.choice([32, 64, 96, 160])
        x, epsilon = [size(rng, rng.choice([31, 16, 3])) for _ in range(n)], rng.choice([42950, 0, 1 << 32])
        gains = (rng.randint(-5, 40), [size(rng, 20) for _ in range(n)])
        coded = spec.norm(x, gains, epsilon)
        yield "norm", [epsilon, gains[0], *x, *gains[1]], list(code_bytes(coded))
    for _ in range(50):
        blocks = rng.choice([1, 2, 3, 5, 9, 17])
        y, f = [size(rng, rng.randint(1, 40)) for _ in range(32 * blocks)], rng.randint(0, 30)
        coded = spec.code(y, f)
        matrix = row(rng, rng.choice([4, 8]), blocks)
        yield "product", [f, *spec.row_leaf(matrix), *code_bytes(coded)], spec.multiply([matrix], coded)
    for _ in range(40):
        matrix = row(rng, rng.choice([4, 8]), 2)
        _, e, blocks = matrix
        yield "embedding", list(spec.row_leaf(matrix)), [spec.shift(c * S + N, 16 - e) for codes, S, N in blocks for c in codes]
    for _ in range(20):
        half, position = rng.choice([16, 32, 48, 64]), rng.randint(0, 1 << 17)
        step, bits = [rng.randint(0, 2 ** 63) for _ in range(half)], rng.randint(1, 31)
        key, value = ([size(rng, bits) for _ in range(2 * half)] for _ in range(2))
        turned = spec.Model.rotate(SimpleNamespace(step=step), key, position)
        (xq, q), (xk, k), (xv, v) = spec.mantissas(turned, 12), spec.mantissas(turned, 11), spec.mantissas(value, 11)
        yield "query", [position, *step, *key], [xq, *q]
        yield "key_head", [position, *step, *key, *value], [xk, xv, *k, *v]
    for _ in range(20):
        half, n = rng.choice([16, 32]), rng.choice([1, 2, 5, 20])
        model = SimpleNamespace(size=2 * half, K=rng.choice([273841598, 193635251, 136920799]))
        query = [size(rng, rng.randint(1, 22)) for _ in range(2 * half)]
        cached = []
        for _ in range(n):
            key, value = ([size(rng, rng.randint(1, 24)) for _ in range(2 * half)] for _ in range(2))
            cached.append(spec.mantissas(key, 11) + spec.mantissas(value, 11))
        xq, q = spec.mantissas(query, 12)
        heads = [number for xk, k, xv, v in cached for number in [xk, xv, *k, *v]]
        yield "attend", [model.K, half * 2, xq, *q, *heads], spec.Model.attend(model, query, cached)
    for _ in range(60):
        seed, total, part = rng.getrandbits(64), rng.getrandbits(rng.randint(1, 60)), rng.randint(1, 10 ** 6)
        index = rng.randint(0, 5)
        sampler = spec.Sampler(0, 0, 0, seed)
        drawn = [sampler.draw() for _ in range(index + 1)][-1]
        yield "draw", [seed, index, total, part], [drawn, drawn * total >> 64, -(-total * part // 10 ** 6)]
        greatest = size(rng, 31)
        logit = max(-(2 ** 31) + 1, greatest - rng.choice([rng.randint(0, 10 ** 6), rng.getrandbits(rng.randint(1, 32))]))
        temperature = rng.choice([800000, 1, 10 ** 8, rng.randint(1, 2 * 10 ** 6)])
        yield "weight", [greatest, logit, temperature], [spec.halve((greatest - logit) * 1442695 // temperature) >> 20]


def main():
    circle = [j for table in (spec.COS, spec.SIN) for level in table for j in level]
    numbers = spec.T + spec.U + spec.SIGMA + circle
    with open(os.path.join(HERE, "src/tables.bin"), "wb") as file:
        file.write(struct.pack("<%di" % len(numbers), *numbers))
    with open(os.path.join(HERE, "src/arithmetic.txt"), "w") as file:
        for name, arguments, result in cases():
            file.write(" | ".join([name, " ".join(map(str, arguments)), " ".join(map(str, result))]) + "\n")


if __name__ == "__main__":
    main()
