"""Speed of OpenVINO on one model, as a line of JSON (see Speeds.java).

usage: openvino_speed.py FOLDER THREADS REPEATS TOKENS[,TOKENS…] [AFTER[,AFTER…]]

FOLDER holds openvino_model.xml as optimum-intel writes it, and config.json.
"""

import json
import pathlib
import statistics
import sys
import time

import numpy as np
import openvino as ov
from openvino import opset13 as ops

folder, threads, repeats, tokens = sys.argv[1:5]
sizes = [int(n) for n in tokens.split(",")]
after = [int(n) for n in sys.argv[5].split(",")] if len(sys.argv) > 5 else []
vocabulary = json.loads(pathlib.Path(folder, "config.json").read_text())["vocab_size"]
random = np.random.default_rng(1)


def last_row_alone(model):
    """Leaves of the logits those of the last token, as OpenVINO GenAI does before it runs a model."""
    product = model.get_results()[0].input_value(0).get_node()
    while product.get_type_name() != "MatMul":
        product = product.input_value(0).get_node()
    last = ops.constant(np.array([-1]), dtype=np.int64)
    axis = ops.constant(np.array(1), dtype=np.int64)
    product.input(0).replace_source_output(
        ops.gather(product.input_value(0), last, axis).output(0)
    )
    model.validate_nodes_and_infer_types()


core = ov.Core()
graph = core.read_model(pathlib.Path(folder, "openvino_model.xml"))
last_row_alone(graph)
compiled = core.compile_model(
    graph, "CPU", {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": int(threads)}
)
request = compiled.create_infer_request()
names = {name for port in compiled.inputs for name in port.names}


def step(ids, before):
    """Reads tokens behind those that the state holds; logits of the last one."""
    inputs = {
        "input_ids": ids,
        "attention_mask": np.ones((1, before + ids.shape[1]), dtype=np.int64),
        "position_ids": np.arange(before, before + ids.shape[1], dtype=np.int64)[None],
        "beam_idx": np.zeros(1, dtype=np.int32),
    }
    request.infer({name: value for name, value in inputs.items() if name in names})
    return request.get_output_tensor(0).data


def prompt(length):
    return random.integers(0, vocabulary, (1, length), dtype=np.int64)


def prefill(length):
    """Tokens a second of a prompt, the logits of its last token included."""
    request.reset_state()
    ids = prompt(length)
    start = time.perf_counter()
    step(ids, 0)
    return length / (time.perf_counter() - start)


def decode(length, behind):
    """Tokens a second of greedy decoding behind a prompt that is not timed."""
    request.reset_state()
    logits = step(prompt(behind), 0)
    start = time.perf_counter()
    for i in range(length):
        token = logits[:, -1].argmax(-1).reshape(1, 1).astype(np.int64)
        logits = step(token, behind + i)
    return length / (time.perf_counter() - start)


def median(measure, *sizes):
    measure(*sizes)  # warms up
    return statistics.median(measure(*sizes) for _ in range(int(repeats)))


speeds = []
for size in sizes:
    if not after:
        speeds.append({"tokens": size, "after": 0, "perSecond": median(prefill, size)})
    for behind in after:
        speed = median(decode, size, behind)
        speeds.append({"tokens": size, "after": behind, "perSecond": speed})
print(json.dumps(speeds))
