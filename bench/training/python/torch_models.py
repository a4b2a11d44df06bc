"""The benchmark's architectures in plain PyTorch: each maps a batch to the features its class head reads."""

import math

import torch
from torch import nn
from torch.nn import functional as F

from serve import hidden, input_shape


def conv(inputs, outputs, size=3, stride=1):
    return nn.Conv2d(inputs, outputs, size, stride, padding=size // 2, bias=False)


class Mlp(nn.Module):
    def __init__(self, model):
        super().__init__()
        first, second = hidden(model)
        self.layers = nn.Sequential(
            nn.Flatten(), nn.Linear(math.prod(input_shape(model)), first), nn.ReLU(), nn.Linear(first, second), nn.ReLU()
        )
        self.width, self.tap_widths = second, [first, second]

    def taps(self, x):
        first = self.layers[:3](x)
        return [first, self.layers[3:](first)]

    def forward(self, x):
        return self.layers(x)


class Cnn(nn.Module):
    def __init__(self, c):
        super().__init__()
        stage = lambda i, o: [conv(i, o), nn.BatchNorm2d(o), nn.ReLU()]
        pool = nn.MaxPool2d(2)
        self.layers = nn.Sequential(*stage(3, c), pool, *stage(c, 2 * c), pool, *stage(2 * c, 4 * c))
        self.width, self.tap_widths = 4 * c, [c, 2 * c, 4 * c]

    def taps(self, x):
        means = []
        for layers in (self.layers[:3], self.layers[3:7], self.layers[7:]):
            x = layers(x)
            means.append(x.mean((2, 3)))
        return means

    def forward(self, x):
        return self.layers(x).mean((2, 3))


class Block(nn.Module):
    """Pre-activation residual block (Zagoruyko & Komodakis 2016, arXiv 1605.07146)."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.norm1, self.conv1 = nn.BatchNorm2d(inputs), conv(inputs, outputs, 3, stride)
        self.norm2, self.conv2 = nn.BatchNorm2d(outputs), conv(outputs, outputs)
        self.shortcut = conv(inputs, outputs, 1, stride) if inputs != outputs or stride != 1 else None

    def forward(self, x):
        return self.after(x, F.relu(self.norm1(x)))

    def after(self, x, a):
        y = self.conv2(F.relu(self.norm2(self.conv1(a))))
        return y + (self.shortcut(a) if self.shortcut else x)


class Wrn(nn.Module):
    def __init__(self, depth, factor):
        super().__init__()
        layers, inputs = [conv(3, 16)], 16
        for group, width in enumerate((16 * factor, 32 * factor, 64 * factor)):
            for block in range((depth - 4) // 6):
                layers.append(Block(inputs, width, 2 if group and not block else 1))
                inputs = width
        self.layers = nn.Sequential(*layers, nn.BatchNorm2d(inputs), nn.ReLU())
        self.width, self.tap_widths = inputs, [16 * factor, 32 * factor, 64 * factor]
        self.blocks = (depth - 4) // 6

    def taps(self, x):
        """Each group as the next reads it, after the BatchNorm and ReLU of its first block."""
        x, means = self.layers[0](x), []
        for i, block in enumerate(self.layers[1:-2]):
            a = F.relu(block.norm1(x))
            if i and i % self.blocks == 0:
                means.append(a.mean((2, 3)))
            x = block.after(x, a)
        return [*means, self.layers[-2:](x).mean((2, 3))]

    def forward(self, x):
        return self.layers(x).mean((2, 3))


def sin_cos_positions(side, width):
    """[side*side, width], the fixed 2-D positions of "Better plain ViT baselines" (arXiv 2205.01580)."""
    y, x = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    omega = 1 / 10000 ** (torch.arange(width // 4) / (width // 4 - 1))
    y, x = y.reshape(-1, 1) * omega, x.reshape(-1, 1) * omega
    return torch.cat((x.sin(), x.cos(), y.sin(), y.cos()), 1)


class VitBlock(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.qkv, self.out = nn.LayerNorm(width), nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.norm2 = nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x):
        b, t, w = x.shape
        q, k, v = self.qkv(self.norm1(x)).reshape(b, t, 3, self.heads, w // self.heads).permute(2, 0, 3, 1, 4)
        a = F.scaled_dot_product_attention(q, k, v)
        x = x + self.out(a.transpose(1, 2).reshape(b, t, w))
        return x + self.mlp(self.norm2(x))


class Vit(nn.Module):
    """Simple ViT, width 192, depth 12, 3 heads; the patch embedding is LayerNorm, Linear, LayerNorm."""

    def __init__(self, patch, width=192, depth=12, heads=3):
        super().__init__()
        self.patch, self.width = patch, width
        self.embed = nn.Sequential(nn.LayerNorm(3 * patch**2), nn.Linear(3 * patch**2, width), nn.LayerNorm(width))
        self.register_buffer("positions", sin_cos_positions(32 // patch, width))
        self.blocks = nn.Sequential(*(VitBlock(width, heads) for _ in range(depth)))
        self.norm = nn.LayerNorm(width)
        self.tap_widths = [width] * 4

    def tokens(self, x):
        b, p = x.shape[0], self.patch
        s = 32 // p
        patches = x.reshape(b, 3, s, p, s, p).permute(0, 2, 4, 3, 5, 1).reshape(b, s * s, 3 * p * p)
        return self.embed(patches) + self.positions

    def taps(self, x):
        x, means, quarter = self.tokens(x), [], len(self.blocks) // 4
        for i, block in enumerate(self.blocks, 1):
            x = block(x)
            if i % quarter == 0 and i < len(self.blocks):
                means.append(x.mean(1))
        return [*means, self.norm(x).mean(1)]

    def forward(self, x):
        return self.norm(self.blocks(self.tokens(x))).mean(1)


def channels_last(model):
    """Whether the model is quicker on images whose channels lie side by side in memory."""
    return model.split("-")[0] in ("cnn", "wrn")


def build(model):
    family, *numbers = model.split("-")
    if family == "mlp":
        return Mlp(model)
    if family == "cnn":
        return Cnn(int(numbers[0]))
    return Wrn(*map(int, numbers)) if family == "wrn" else Vit(int(numbers[1]))
