"""Trains with transformers, and peft for an adapter, on PyTorch (see TrainingFigures.java).

usage: transformers_training.py DATA.json FOLDER fp32|bf16|autocast THREADS full|lora
"""

import contextlib
import json
import pathlib
import statistics
import sys
import time

import torch
from transformers import AutoModelForCausalLM

data_file, folder, kind, threads, method = sys.argv[1:6]
torch.set_num_threads(int(threads))
torch.manual_seed(1)
data = json.loads(pathlib.Path(data_file).read_text())
model = AutoModelForCausalLM.from_pretrained(
    folder,
    dtype=torch.bfloat16 if kind == "bf16" else torch.float32,
    attn_implementation="sdpa",
)
model.config.use_cache = False
if method == "lora":
    from peft import LoraConfig, get_peft_model

    config = LoraConfig(r=16, lora_alpha=32, lora_dropout=0.0, target_modules="all-linear")
    # By default peft keeps adapters in fp32 beside weights in bf16, which is slower.
    model = get_peft_model(model, config, autocast_adapter_dtype=False)
model.train()
parameters = [p for p in model.parameters() if p.requires_grad]
optimizer = torch.optim.AdamW(
    parameters, lr=data["learningRate"], weight_decay=0.0, fused=True
)


def autocast():
    if kind == "autocast":
        return torch.autocast("cpu", dtype=torch.bfloat16)
    return contextlib.nullcontext()


def update(rows):
    """One whole update; its mean loss."""
    ids = torch.tensor([[t if t >= 0 else ~t for t in row] for row in rows])
    labels = torch.tensor([[t if t >= 0 else -100 for t in row] for row in rows])
    with autocast():
        loss = model(input_ids=ids, labels=labels).loss
    loss.backward()
    torch.nn.utils.clip_grad_norm_(parameters, data["clip"])
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return loss.item()


def peak():
    """The most that this process ever had in memory, in MiB."""
    status = pathlib.Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


losses, rates = [], []
for step in range(data["warmUps"] + data["updates"]):
    rows = data["sequences"][step * data["rows"] : (step + 1) * data["rows"]]
    start = time.perf_counter()
    losses.append(update(rows))
    if step >= data["warmUps"]:
        rates.append(sum(map(len, rows)) / (time.perf_counter() - start))
print(json.dumps({"perSecond": statistics.median(rates), "peakMiB": peak(), "losses": losses}))
