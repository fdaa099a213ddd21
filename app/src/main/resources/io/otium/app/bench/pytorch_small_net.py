"""Steps a second of SGD on an MLP 784-256-10, batches of 32 (see OwnSmallNet.java).

usage: pytorch_small_net.py THREADS WARM_UPS STEPS
"""

import json
import statistics
import sys
import time

import torch

threads, warm_ups, steps = map(int, sys.argv[1:4])
torch.set_num_threads(threads)
torch.manual_seed(1)
model = torch.nn.Sequential(
    torch.nn.Linear(784, 256), torch.nn.ReLU(), torch.nn.Linear(256, 10)
)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, fused=True)
x, y = torch.randn(32, 784), torch.randint(0, 10, (32,))


def run(count):
    start = time.perf_counter()
    for _ in range(count):
        torch.nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    return count / (time.perf_counter() - start)


run(warm_ups)
rate = statistics.median(run(steps) for _ in range(5))
print(json.dumps({"perSecond": rate, "peakMiB": 0, "losses": []}))
