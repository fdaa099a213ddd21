"""Speed of transformers on one model, as a line of JSON (see Speeds.java).

usage: transformers_speed.py FOLDER bf16|fp32 THREADS REPEATS TOKENS[,TOKENS…] [AFTER[,AFTER…]]
"""

import json
import statistics
import sys
import time

import torch
from transformers import AutoModelForCausalLM

folder, dtype, threads, repeats, tokens = sys.argv[1:6]
sizes = [int(n) for n in tokens.split(",")]
after = [int(n) for n in sys.argv[6].split(",")] if len(sys.argv) > 6 else []
torch.set_num_threads(int(threads))
torch.manual_seed(1)
model = AutoModelForCausalLM.from_pretrained(
    folder,
    dtype={"bf16": torch.bfloat16, "fp32": torch.float32}[dtype],
    attn_implementation="sdpa",
).eval()


def prompt(length):
    return torch.randint(0, model.config.vocab_size, (1, length))


def prefill(length):
    """Tokens a second of a prompt, the logits of its last token included."""
    ids = prompt(length)
    start = time.perf_counter()
    model(ids, use_cache=True, logits_to_keep=1)
    return length / (time.perf_counter() - start)


def decode(length, behind):
    """Tokens a second of greedy decoding behind a prompt that is not timed."""
    step = model(prompt(behind), use_cache=True, logits_to_keep=1)
    start = time.perf_counter()
    for _ in range(length):
        token = step.logits[:, -1].argmax(-1, keepdim=True)
        step = model(token, past_key_values=step.past_key_values, use_cache=True)
    return length / (time.perf_counter() - start)


def median(measure, *sizes):
    measure(*sizes)  # warms up
    return statistics.median(measure(*sizes) for _ in range(int(repeats)))


speeds = []
with torch.inference_mode():
    for size in sizes:
        if not after:
            speeds.append({"tokens": size, "after": 0, "perSecond": median(prefill, size)})
        for behind in after:
            speed = median(decode, size, behind)
            speeds.append({"tokens": size, "after": behind, "perSecond": speed})
print(json.dumps(speeds))
