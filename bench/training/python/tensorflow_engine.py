"""Answers the benchmark's questions with TensorFlow's own tf.function from Python, on two threads."""

import os
import platform

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import tensorflow as tf

import tensorflow_models as models
from serve import CLASSES, IMAGES, MOMENTUM, RANDOM_LABELS, RATE, input_shape, serve, timed

THREADS = int(os.environ.get("BENCH_THREADS", "2"))
tf.config.threading.set_intra_op_parallelism_threads(THREADS)
tf.config.threading.set_inter_op_parallelism_threads(THREADS)


def joint_loss(scope, model, images, classes, random_labels):
    cross_entropy = tf.nn.sparse_softmax_cross_entropy_with_logits
    z = models.features(scope, images, model)
    class_loss = cross_entropy(classes, models.dense(scope, z, CLASSES))
    random_loss = cross_entropy(random_labels, models.dense(scope, tf.stop_gradient(z), RANDOM_LABELS))
    return tf.reduce_mean(class_loss) + tf.reduce_mean(random_loss)


def prepare(model, batch):
    tf.random.set_seed(0)
    images = tf.random.normal([IMAGES, *input_shape(model)])
    classes, random_labels = (tf.random.uniform([IMAGES], maxval=n, dtype=tf.int32) for n in (CLASSES, RANDOM_LABELS))
    scope, momenta = models.Scope(), []

    @tf.function
    def train():
        indices = tf.random.uniform([batch], maxval=IMAGES, dtype=tf.int32)
        with tf.GradientTape() as tape:
            loss = joint_loss(scope, model, *(tf.gather(t, indices) for t in (images, classes, random_labels)))
        gradients = tape.gradient(loss, scope.variables)
        if not momenta:
            with tf.init_scope():
                momenta.extend(tf.Variable(tf.zeros_like(v)) for v in scope.variables)
        for v, m, g in zip(scope.variables, momenta, gradients):
            tf.raw_ops.ResourceApplyMomentum(var=v.handle, accum=m.handle, lr=RATE, grad=g, momentum=MOMENTUM)
        return loss

    step = lambda _: train()
    timed(step, 3)
    return step


def sgemm(size, matrices={}):
    a = matrices.setdefault(size, tf.ones([size, size]))
    return tf.matmul(a, a)[0, 0]


serve({"tensorflow": tf.__version__, "python": platform.python_version()}, prepare, sgemm)
