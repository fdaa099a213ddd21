"""Milliseconds that torch.save takes for a model and its AdamW: prints the mean.

usage: torch_save.py FOLDER THREADS COUNT FILE
"""

import sys
import time

import torch
from transformers import AutoModelForCausalLM

folder, threads, count, target = sys.argv[1:5]
torch.set_num_threads(int(threads))
model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
optimizer = torch.optim.AdamW(model.parameters(), fused=True)
for parameter in model.parameters():
    parameter.grad = torch.zeros_like(parameter)
optimizer.step()


def save():
    start = time.perf_counter()
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, target)
    return time.perf_counter() - start


save()  # warms up
print(sum(save() for _ in range(int(count))) / int(count) * 1e3)
