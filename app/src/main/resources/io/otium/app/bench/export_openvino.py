"""Converts a model to OpenVINO with int8 weights, by optimum-intel.

usage: export_openvino.py FOLDER TARGET
"""

import sys

from optimum.intel import OVModelForCausalLM, OVWeightQuantizationConfig

source, target = sys.argv[1:3]
model = OVModelForCausalLM.from_pretrained(
    source,
    export=True,
    compile=False,
    quantization_config=OVWeightQuantizationConfig(bits=8),
)
model.save_pretrained(target)
