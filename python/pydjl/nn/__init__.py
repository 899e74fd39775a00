"""Layers and their functions, computed by DJL.

The room may import `pydjl.ndarray`, `pydjl.runtime` and `pydjl.errors`. Start reading at
`functional.py`.
"""

from __future__ import annotations

from pydjl.nn import functional as functional
from pydjl.nn.activation_layers import ELU as ELU
from pydjl.nn.activation_layers import GELU as GELU
from pydjl.nn.activation_layers import SELU as SELU
from pydjl.nn.activation_layers import LeakyReLU as LeakyReLU
from pydjl.nn.activation_layers import LogSoftmax as LogSoftmax
from pydjl.nn.activation_layers import Mish as Mish
from pydjl.nn.activation_layers import PReLU as PReLU
from pydjl.nn.activation_layers import ReLU as ReLU
from pydjl.nn.activation_layers import ReLU6 as ReLU6
from pydjl.nn.activation_layers import Sigmoid as Sigmoid
from pydjl.nn.activation_layers import SiLU as SiLU
from pydjl.nn.activation_layers import Softmax as Softmax
from pydjl.nn.activation_layers import Softplus as Softplus
from pydjl.nn.activation_layers import Softsign as Softsign
from pydjl.nn.activation_layers import Tanh as Tanh
from pydjl.nn.adaptive_pooling_layers import AdaptiveAvgPool1d as AdaptiveAvgPool1d
from pydjl.nn.adaptive_pooling_layers import AdaptiveAvgPool2d as AdaptiveAvgPool2d
from pydjl.nn.adaptive_pooling_layers import AdaptiveAvgPool3d as AdaptiveAvgPool3d
from pydjl.nn.adaptive_pooling_layers import AdaptiveMaxPool1d as AdaptiveMaxPool1d
from pydjl.nn.adaptive_pooling_layers import AdaptiveMaxPool2d as AdaptiveMaxPool2d
from pydjl.nn.adaptive_pooling_layers import AdaptiveMaxPool3d as AdaptiveMaxPool3d
from pydjl.nn.block_module import BlockModule as BlockModule
from pydjl.nn.block_module import from_block as from_block
from pydjl.nn.convolution_layers import Conv1d as Conv1d
from pydjl.nn.convolution_layers import Conv2d as Conv2d
from pydjl.nn.convolution_layers import Conv3d as Conv3d
from pydjl.nn.convolutional_layer import ConvolutionalLayer as ConvolutionalLayer
from pydjl.nn.dropout import Dropout as Dropout
from pydjl.nn.embedding import Embedding as Embedding
from pydjl.nn.linear import Linear as Linear
from pydjl.nn.module_block import to_block as to_block
from pydjl.nn.normalization import BatchNorm1d as BatchNorm1d
from pydjl.nn.normalization import BatchNorm2d as BatchNorm2d
from pydjl.nn.normalization import BatchNorm3d as BatchNorm3d
from pydjl.nn.normalization import LayerNorm as LayerNorm
from pydjl.nn.pooling_layers import AvgPool1d as AvgPool1d
from pydjl.nn.pooling_layers import AvgPool2d as AvgPool2d
from pydjl.nn.pooling_layers import AvgPool3d as AvgPool3d
from pydjl.nn.pooling_layers import LPPool1d as LPPool1d
from pydjl.nn.pooling_layers import LPPool2d as LPPool2d
from pydjl.nn.pooling_layers import MaxPool1d as MaxPool1d
from pydjl.nn.pooling_layers import MaxPool2d as MaxPool2d
from pydjl.nn.pooling_layers import MaxPool3d as MaxPool3d
from pydjl.nn.transposed_convolution_layers import ConvTranspose1d as ConvTranspose1d
from pydjl.nn.transposed_convolution_layers import ConvTranspose2d as ConvTranspose2d
from pydjl.nn.transposed_convolution_layers import ConvTranspose3d as ConvTranspose3d
