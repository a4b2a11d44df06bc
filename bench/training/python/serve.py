"""The benchmark's side of the pipe: one JSON question a line on stdin, one JSON answer a line on stdout.

    {"ask": "steps", "model": "wrn-16-1", "batch": 128, "steps": 5}  ->  {"seconds": 1.23}
    {"ask": "sgemm", "size": 1536, "repeats": 4}                     ->  {"seconds": 0.35}

A model is built, compiled and warmed up by its first question, which may say 0 steps.
"""

import json
import sys
import time

IMAGES = 1280  # resident training set, enough that a batch is not in the cache from the last step
CLASSES = 10
RANDOM_LABELS = 100
RATE = 0.01
MOMENTUM = 0.9


def input_shape(model):
    return (64,) if model == "mlp-64-32-32" else (32, 32, 3)


def hidden(model):
    """Hidden widths of an mlp: `mlp-512` is two layers of 512, `mlp-64-32-32` is 64 inputs and two layers of 32."""
    widths = [int(w) for w in model.split("-")[1:]]
    return widths[1:] if len(widths) == 3 else widths * 2


def timed(step, steps):
    """Seconds for this many calls. `step` must return something that waits for the work: float(loss)."""
    start = time.perf_counter()
    for i in range(steps):
        loss = step(i)
    float(loss) if steps else None
    return time.perf_counter() - start


def serve(hello, prepare, sgemm):
    """prepare(model, batch) -> step(i) -> loss;  sgemm(size) multiplies two square matrices of that size once."""
    answers = sys.stdout
    sys.stdout = sys.stderr  # a library's chatter must not reach the pipe
    ready = {}

    def answer(message):
        answers.write(json.dumps(message) + "\n")
        answers.flush()

    answer(hello)
    for line in sys.stdin:
        question = json.loads(line)
        if question["ask"] == "sgemm":
            answer({"seconds": timed(lambda _: sgemm(question["size"]), question["repeats"])})
            continue
        key = (question["model"], question["batch"])
        if key not in ready:
            ready.clear()  # one model at a time: the next race is with another
            ready[key] = prepare(*key)
        answer({"seconds": timed(ready[key], question["steps"])})
