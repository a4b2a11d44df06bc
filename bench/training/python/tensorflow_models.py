"""The benchmark's architectures for tf.function: each maps a batch to the features its class head reads.

`Scope` makes variables on the first call, as a layer library would; the operations are TensorFlow's own fused ones.
"""

import math

import numpy as np
import tensorflow as tf

from serve import hidden


class Scope:
    """Makes the variables in the order the model first asks for them and hands them out again on every trace."""

    def __init__(self):
        self.variables, self.random, self.next = [], tf.random.Generator.from_seed(0), 0

    def get(self, make):
        if self.next == len(self.variables):
            with tf.init_scope():
                self.variables.append(tf.Variable(make()))
        self.next += 1
        return self.variables[self.next - 1]

    def normal(self, shape, deviation):
        return self.get(lambda: self.random.normal(shape, stddev=deviation))

    def full(self, width, value):
        return self.get(lambda: tf.fill([width], float(value)))


def dense(scope, x, width):
    inputs = x.shape[-1]
    weights, bias = scope.normal([inputs, width], math.sqrt(2 / inputs)), scope.full(width, 0)
    flat = x if len(x.shape) == 2 else tf.reshape(x, [-1, inputs])
    y = tf.nn.bias_add(tf.matmul(flat, weights), bias)
    return y if len(x.shape) == 2 else tf.reshape(y, [*x.shape[:-1], width])


def conv(scope, x, width, size=3, stride=1):
    inputs = x.shape[-1]
    weights = scope.normal([size, size, inputs, width], math.sqrt(2 / (size * size * width)))
    return tf.nn.conv2d(x, weights, stride, "SAME")


def norm_relu(scope, x):
    """Batch norm on this batch's statistics, then ReLU; updates the running statistics as training has to."""
    width = x.shape[-1]
    gamma, beta = scope.full(width, 1), scope.full(width, 0)
    y, mean, variance = tf.compat.v1.nn.fused_batch_norm(x, gamma, beta, epsilon=1e-5, is_training=True)
    return tf.nn.relu(y)


def layer_norm(scope, x):
    width = x.shape[-1]
    gamma, beta = scope.full(width, 1), scope.full(width, 0)
    mean, variance = tf.nn.moments(x, -1, keepdims=True)
    return tf.nn.batch_normalization(x, mean, variance, beta, gamma, 1e-5)


def mlp(scope, x, model):
    x = tf.reshape(x, [x.shape[0], -1])
    for width in hidden(model):
        x = tf.nn.relu(dense(scope, x, width))
    return x


def cnn(scope, x, c):
    for i, width in enumerate((c, 2 * c, 4 * c)):
        x = tf.nn.max_pool2d(x, 2, 2, "VALID") if i else x
        x = norm_relu(scope, conv(scope, x, width))
    return tf.reduce_mean(x, [1, 2])


def wrn(scope, x, depth, factor):
    x = conv(scope, x, 16)
    for group, width in enumerate((16 * factor, 32 * factor, 64 * factor)):
        for block in range((depth - 4) // 6):
            stride = 2 if group and not block else 1
            a = norm_relu(scope, x)
            y = conv(scope, norm_relu(scope, conv(scope, a, width, 3, stride)), width)
            x = y + (conv(scope, a, width, 1, stride) if x.shape[-1] != width or stride != 1 else x)
    return tf.reduce_mean(norm_relu(scope, x), [1, 2])


def sin_cos_positions(side, width):
    y, x = np.mgrid[:side, :side].reshape(2, -1, 1)
    omega = 1 / 10000 ** (np.arange(width // 4) / (width // 4 - 1))
    return np.concatenate([np.sin(x * omega), np.cos(x * omega), np.sin(y * omega), np.cos(y * omega)], 1).astype("f")


def attention(scope, x, heads):
    b, t, w = x.shape
    qkv = tf.reshape(dense(scope, x, 3 * w), [b, t, 3, heads, w // heads])
    q, k, v = tf.unstack(tf.transpose(qkv, [2, 0, 3, 1, 4]))
    weights = tf.nn.softmax(tf.matmul(q * (w // heads) ** -0.5, k, transpose_b=True))
    return dense(scope, tf.reshape(tf.transpose(tf.matmul(weights, v), [0, 2, 1, 3]), [b, t, w]), w)


def vit(scope, x, patch, width=192, depth=12, heads=3):
    b, side = x.shape[0], 32 // patch
    tokens = tf.reshape(x, [b, side, patch, side, patch, 3])
    tokens = tf.reshape(tf.transpose(tokens, [0, 1, 3, 2, 4, 5]), [b, side * side, 3 * patch**2])
    x = layer_norm(scope, dense(scope, layer_norm(scope, tokens), width)) + sin_cos_positions(side, width)
    for _ in range(depth):
        x = x + attention(scope, layer_norm(scope, x), heads)
        h = tf.nn.gelu(dense(scope, layer_norm(scope, x), 4 * width))
        x = x + dense(scope, h, width)
    return tf.reduce_mean(layer_norm(scope, x), 1)


def features(scope, x, model):
    scope.next = 0
    family, *numbers = model.split("-")
    if family == "mlp":
        return mlp(scope, x, model)
    if family == "cnn":
        return cnn(scope, x, int(numbers[0]))
    return wrn(scope, x, *map(int, numbers)) if family == "wrn" else vit(scope, x, int(numbers[1]))
