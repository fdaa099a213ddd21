"""Log-probabilities of some prompts by transformers, with peft if an adapter is named.

usage: peer_logits.py PROMPTS.json OUT SAVED MODEL [ADAPTER]

PROMPTS.json is a list of {text, chat, ids}; OUT gets one float32 for each token of each prompt and
each token of the vocabulary; SAVED is the folder that the library saves what it loaded to.
"""

import json
import sys

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

prompts, out, saved, folder = sys.argv[1:5]
adapter = sys.argv[5] if len(sys.argv) > 5 else None
with open(prompts, encoding="utf-8") as file:
    prompts = json.load(file)
model = AutoModelForCausalLM.from_pretrained(folder)
if adapter:
    from peft import PeftModel

    model = PeftModel.from_pretrained(model, adapter)
    model.save_pretrained(saved)
else:
    tokenizer = AutoTokenizer.from_pretrained(folder)
    for prompt in prompts:
        if prompt["chat"]:
            chat = [{"role": "user", "content": prompt["text"]}]
            text = tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
        else:
            text = prompt["text"]
        ids = tokenizer(text, add_special_tokens=False).input_ids
        if ids != prompt["ids"]:
            sys.exit(f"{text!r} is {ids} to transformers and {prompt['ids']} to Otium")
    tokenizer.save_pretrained(saved)
    model.save_pretrained(saved, max_shard_size="200MB")
model.eval()
with torch.inference_mode(), open(out, "wb") as file:
    for prompt in prompts:
        logits = model(torch.tensor([prompt["ids"]])).logits[0]
        file.write(logits.float().log_softmax(-1).numpy().tobytes())
