"""Saves a GGUF model as transformers does: config.json, tokenizer and fp32 safetensors.

usage: export_hf.py MODEL.gguf FOLDER
"""

import pathlib
import sys

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

gguf, target = (pathlib.Path(argument) for argument in sys.argv[1:3])
where = {"pretrained_model_name_or_path": gguf.parent, "gguf_file": gguf.name}
model = AutoModelForCausalLM.from_pretrained(**where, dtype=torch.float32)
# What read the file is of no use any more, and some versions would not save beside it.
model.hf_quantizer = None
if hasattr(model.config, "quantization_config"):
    del model.config.quantization_config
model.save_pretrained(target)
AutoTokenizer.from_pretrained(**where).save_pretrained(target)
