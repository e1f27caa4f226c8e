"""DCGAN and maxout in PyTorch: eager, channels last, fused Adam; run by train_speed.py, needs torch and not the zoo."""

import argparse
import os

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from benchmarks.contestants import serve


class _Max(nn.Module):
    def forward(self, x):
        return x.view(len(x), 5, 240).amax(1)


def dcgan():
    """(generator, discriminator, what draws noise, learning rate, bound of D's gradients)."""
    leaky, up = nn.LeakyReLU(0.3), nn.Upsample(scale_factor=2, mode="bilinear")
    generator = nn.Sequential(
        nn.Linear(100, 14400, bias=False), nn.BatchNorm1d(14400), leaky, nn.Unflatten(1, (100, 12, 12)),
        nn.Conv2d(100, 128, 3, bias=False), nn.BatchNorm2d(128), leaky, up,
        nn.Conv2d(128, 64, 3, bias=False), nn.BatchNorm2d(64), leaky, up,
        nn.Conv2d(64, 32, 5, bias=False), nn.BatchNorm2d(32), leaky, nn.Conv2d(32, 1, 5), nn.Tanh())
    discriminator = nn.Sequential(
        nn.Conv2d(1, 64, 3, 2, 1), leaky, nn.Dropout(0.3), nn.Conv2d(64, 128, 5, 2, 2), leaky, nn.Dropout(0.3),
        nn.Flatten(), nn.Linear(128 * 49, 1))
    return generator, discriminator, torch.randn, 2e-4, 1.0


def maxout():
    """As dcgan."""
    hidden = [layer for size in (100, 1200)
              for layer in (nn.BatchNorm1d(size, eps=1e-5), nn.Linear(size, 1200), nn.ReLU())]
    generator = nn.Sequential(*hidden, nn.BatchNorm1d(1200, eps=1e-5), nn.Linear(1200, 784), nn.Sigmoid(),
                              nn.Unflatten(1, (1, 28, 28)))
    pieces = [layer for size in (784, 240) for layer in (nn.Linear(size, 1200), _Max(), nn.Dropout(0.5))]
    return generator, nn.Sequential(nn.Flatten(), *pieces, nn.Linear(240, 1)), torch.rand, 1e-3, None


GAMES = {"dcgan": dcgan, "maxout": maxout}


def player(model: str, images: np.ndarray, batch: int, low: float, precision: str):
    """Plays so many rounds, both players from one generator forward."""
    generator, discriminator, draw, rate, bound = GAMES[model]()
    generator, discriminator = (net.to(memory_format=torch.channels_last) for net in (generator, discriminator))
    adam_d, adam_g = (torch.optim.Adam(net.parameters(), rate, (0.5, 0.999), fused=True)
                      for net in (discriminator, generator))
    pixels = torch.from_numpy(images).permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)
    entropy = functional.binary_cross_entropy_with_logits
    cast = torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16")

    def play(rounds: int) -> None:
        for _ in range(rounds):
            real = pixels[torch.randint(len(pixels), (batch,))].float() / 255 * (1 - low) + low
            with cast:
                fake = generator(draw(batch, 100))
                real_score, apart = discriminator(real), discriminator(fake)
            one, zero = torch.ones(batch, 1), torch.zeros(batch, 1)
            loss_d = entropy(real_score.float(), one) + entropy(apart.float(), zero)
            loss_g = entropy(apart.float(), one)
            to_d = torch.autograd.grad(loss_d, list(discriminator.parameters()), retain_graph=True)
            to_g = torch.autograd.grad(loss_g, list(generator.parameters()))
            for net, gradients, adam in ((discriminator, to_d, adam_d), (generator, to_g, adam_g)):
                for parameter, gradient in zip(net.parameters(), gradients, strict=True):
                    parameter.grad = gradient.clamp(-bound, bound) if bound and net is discriminator else gradient
                adam.step()

    return play


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True, choices=GAMES)
    parser.add_argument("--images", required=True)
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--low", type=float, required=True)
    parser.add_argument("--precision", choices=("float32", "bfloat16"), default="float32")
    arguments = parser.parse_args()
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    serve(player(arguments.model, np.load(arguments.images), arguments.batch, arguments.low, arguments.precision))


if __name__ == "__main__":
    main()
