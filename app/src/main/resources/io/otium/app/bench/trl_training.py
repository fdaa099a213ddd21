"""Trains on chats with TRL's trainer and its packing (see TrainingFigures.java).

usage: trl_training.py DATA.json FOLDER fp32|bf16|autocast THREADS
"""

import json
import pathlib
import statistics
import sys
import tempfile
import time

import torch
from datasets import Dataset
from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback
from trl import SFTConfig, SFTTrainer

data_file, folder, kind, threads = sys.argv[1:5]
torch.set_num_threads(int(threads))
data = json.loads(pathlib.Path(data_file).read_text())
model = AutoModelForCausalLM.from_pretrained(
    folder,
    dtype=torch.bfloat16 if kind == "bf16" else torch.float32,
    attn_implementation="sdpa",
)
chats = Dataset.from_dict(
    {
        "input_ids": [[t if t >= 0 else ~t for t in chat] for chat in data["sequences"]],
        "completion_mask": [[int(t >= 0) for t in chat] for chat in data["sequences"]],
    }
)
rates = []


class Timed(TrainerCallback):
    """Useful tokens a second of each update: those of chats, not of padding."""

    def on_step_begin(self, args, state, control, **kwargs):
        self.start, trainer.tokens = time.perf_counter(), 0

    def on_step_end(self, args, state, control, **kwargs):
        if state.global_step > data["warmUps"]:
            rates.append(trainer.tokens / (time.perf_counter() - self.start))


class Counting(SFTTrainer):
    tokens = 0

    def training_step(self, model, inputs, *args, **kwargs):
        mask = inputs.get("attention_mask")
        ids = inputs["input_ids"]
        self.tokens += ids.numel() if mask is None else int(mask.sum())
        return super().training_step(model, inputs, *args, **kwargs)


def peak():
    """The most that this process ever had in memory, in MiB."""
    status = pathlib.Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


with tempfile.TemporaryDirectory() as output:
    config = SFTConfig(
        output_dir=output,
        max_steps=data["warmUps"] + data["updates"],
        per_device_train_batch_size=data["rows"],
        max_length=data["rowLength"],
        packing=True,
        learning_rate=data["learningRate"],
        lr_scheduler_type="constant",
        weight_decay=0.0,
        max_grad_norm=data["clip"],
        bf16=kind == "autocast",
        # Recomputing is slower, and Otium does not do it here either.
        gradient_checkpointing=False,
        use_cpu=True,
        dataloader_pin_memory=False,
        logging_strategy="no",
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        seed=1,
    )
    trainer = Counting(
        model=model,
        args=config,
        train_dataset=chats,
        processing_class=AutoTokenizer.from_pretrained(folder),
        callbacks=[Timed()],
    )
    trainer.train()
print(json.dumps({"perSecond": statistics.median(rates), "peakMiB": peak(), "losses": []}))
