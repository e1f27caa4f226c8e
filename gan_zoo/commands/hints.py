"""What flags and names are called elsewhere, and what they are here: hints for errors, nothing is taken for another."""

import difflib
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from gan_zoo import recipes


class Hint(NamedTuple):
    """names: of the flag elsewhere, without dashes and underscores. text: the flags here, {} for what was given.

    example: stands there if what was given is not of its kind, a number or a word.
    """

    names: str
    text: str
    example: str = ""


_OPTIMIZERS = "--generator_optimizer='adam({0})' and --discriminator_optimizer='adam({0})'"
_OBJECTIVE = "--objective={}"
FLAGS = [Hint(*hint) for hint in (
    ("lr learningrate baselr initlr initiallr initiallearningrate", _OPTIMIZERS.format("learning_rate={0}"), "2e-4"),
    ("lrg glr genlr generatorlr glearningrate generatorlearningrate learningrateg learningrategenerator",
     "--generator_optimizer='adam(learning_rate={})'", "2e-4"),
    ("lrd dlr disclr discriminatorlr criticlr dlearningrate discriminatorlearningrate learningrated",
     "--discriminator_optimizer='adam(learning_rate={})'", "2e-4"),
    ("beta1 b1 adambeta1 beta", _OPTIMIZERS.format("learning_rate=2e-4, beta_1={0}"), "0.5"),
    ("beta2 b2 adambeta2", _OPTIMIZERS.format("learning_rate=2e-4, beta_2={0}"), "0.999"),
    ("momentum", "--generator_optimizer='sgd(learning_rate=0.01, momentum={0})' and likewise "
     "--discriminator_optimizer", "0.5"),
    ("weightdecay wd l2", _OPTIMIZERS.format("learning_rate=2e-4, weight_decay={0}"), "1e-4"),
    ("optimizer opt optim optimiser solver", "--generator_optimizer={0} and --discriminator_optimizer={0}", "adam"),
    ("goptimizer optimizerg gopt goptim", "--generator_optimizer={}", "adam"),
    ("doptimizer optimizerd dopt doptim", "--discriminator_optimizer={}", "adam"),
    ("scheduler lrscheduler lrschedule lrpolicy lrdecay schedule",
     _OPTIMIZERS.format("learning_rate=cosine(2e-4, 5e-5)")),
    ("loss losses criterion ganmode gantype losstype ganloss advloss adversarialloss lossfn lossfunction divergence",
     _OBJECTIVE, "minimax"),
    ("gp lambda lambdagp gpweight gplambda gradientpenalty gpcoef",
     "--objective='wasserstein + gradient_penalty({})'", "10"),
    ("r1 r1gamma gamma r1weight", "--objective='non_saturating + r1({})'", "10"),
    ("init inittype weightinit initializer initgain initialization",
     "--model='infogan(init={})', as initial weights are an argument of the networks (--list shows which have one)",
     "0.02"),
    ("gpu gpus gpuid gpuids ngpu numgpus ngpus device devices cuda usecuda nocuda usegpu",
     "--strategy=mirrored for all GPUs or --strategy=one_device for the first (CUDA_VISIBLE_DEVICES=0 before the "
     "command says which there are)"),
    ("tpu distributed multigpu dataparallel localrank worldsize", "--strategy=mirrored"),
    ("name runname expname experiment experimentname jobname expid tag prefix", "--run_dir=runs/{}", "NAME"),
    ("outputdir outdir out output outf outputpath logdir logdirectory logs savedir savepath resultsdir resultdir "
     "checkpointdir checkpointsdir ckptdir workdir traindir modeldir expdir basedir experimentdir", "--run_dir={}",
     "runs/NAME"),
    ("epoch nepochs numepochs nepoch maxepoch maxepochs niter trainepochs numepoch", "--epochs={}", "20"),
    ("iterations iteration iters iter niters numiters numiterations maxiter maxiters maxsteps numsteps trainsteps "
     "nsteps step totalsteps trainiters kimg totalkimg", "--steps={}", "10000"),
    ("batch bs batchsz nbatch minibatch minibatchsize batchsizes trainbatchsize", "--batch_size={}", "128"),
    ("resume resumefrom continue continuetrain restore load loadfrom loadmodel checkpoint ckpt resumepath",
     "the same command once more, or --flagfile=runs/NAME/run.flags"),
    ("imgsize imagesz imsize size resolution res imagewidth imageheight width height cropsize loadsize finesize "
     "inputsize outputsize", "--image_size={}", "32"),
    ("nc imgchannels nchannels numchannels imagechannels cdim colors", "--channels={}", "3"),
    ("z zdim nz latentdim latentsize noisedim noisesize noise zsize dimz latents znum", "--latent='normal({})'", "100"),
    ("ngf ndf nf gfdim dfdim hidden hiddendim hiddensize channelsmultiplier capacity fmaps dim",
     "--model='dcgan(width={})'", "32"),
    ("dropout", "--model='dcgan(dropout={})'", "0.3"),
    ("arch architecture network net netg generator gan gantypename modelname modeltype", "--model={}", "dcgan"),
    ("dataroot root datapath datafolder datasetdir datasetpath inputdir images imagedir imagesdir path traindata input "
     "folder imgdir", "--dataset=folder --data_dir={}", "pictures"),
    ("data datasetname dset ds", "--dataset={}", "mnist"),
    ("nclasses numclasses ncls cond conditioning classcond conditionaltraining labels uselabels", "--conditional"),
    ("cls class subset digit", "--classes={}", "0"),
    ("clip clipvalue weightclip clipweights weightclipping clipvalues climit cliplimit",
     "--discriminator_weight_clip={} for the critic's weights, --discriminator_clip_value for its gradients", "0.01"),
    ("gradclip clipgrad gradientclip clipnorm gradclipnorm maxgradnorm",
     "--discriminator_clip_global_norm={0} and --generator_clip_global_norm={0}", "1"),
    ("ncritic ncritics criticiters diters dsteps discriters discsteps ndis numdsteps criticsteps kd k",
     "--discriminator_updates={}", "5"),
    ("giters gsteps gensteps ngen numgsteps", "--update=alternating --generator_updates={}", "2"),
    ("ema useema emadecay emabeta emakimg movingaverage", "--generator_average={}", "0.999"),
    ("fp16 amp half mixedprecision float16", "--precision=mixed_float16"),
    ("bf16 bfloat16", "--precision=mixed_bfloat16"),
    ("fp32 dtype float32", "--precision=float32"),
    ("xla jit compile", "--jit_compile"),
    ("randomseed manualseed rngseed randomstate rng", "--seed={}", "0"),
    ("saveevery saveinterval savefreq snap snapshot checkpointevery checkpointinterval ckptevery saveepochfreq "
     "savesteps checkpointfreq savelatestfreq", "--checkpoint_every_steps={}", "500"),
    ("sampleinterval sampleevery samplefreq imginterval imagesnap samplesteps", "--sample_every_steps={}", "200"),
    ("nsamples numsamples samples samplesize nsample", "--sample_count={}", "64"),
    ("loginterval logevery logfreq printfreq printevery displayfreq logsteps", "--log_every_steps={}", "20"),
    ("evalevery evalinterval evalfreq fidevery evaluateevery validateevery metricevery",
     "--evaluate_every_steps={}", "500"),
    ("fid computefid metric metrics", "--best_metric=frechet, and gan-zoo evaluate for the rest"),
    ("earlystopping earlystop", "--patience={}", "10"),
    ("config conf cfg recipe configfile flagsfile flags yaml", "--flagfile=configs/NAME.flags"),
    ("aug augmentation diffaug diffaugment ada mirror flip hflip augmentations rotate rotation affine shear",
     "--augment='flip + translate'"),
    ("sn spectral spectralnormalization usesn snorm", "--spectral_norm"),
    ("pac pacgan pack", "--packing={}", "2"),
    ("codes ncodes dimcodes cc dc discretecodes infoweight",
     "--latent='noise(62) + categorical(10) + uniform(2)' --objective='minimax + mutual_information'"),
)]
# What an objective is called elsewhere → its terms here
OBJECTIVES = {
    "wgan": "wasserstein", "emd": "wasserstein", "w": "wasserstein", "wgangp": "wasserstein + gradient_penalty",
    "wgandiv": "wasserstein + gradient_penalty", "lsgan": "least_squares", "mse": "least_squares",
    "l2": "least_squares", "gan": "minimax", "vanilla": "minimax", "sgan": "non_saturating",
    "standard": "non_saturating", "ns": "non_saturating", "nsgan": "non_saturating", "bce": "non_saturating",
    "logistic": "non_saturating", "crossentropy": "non_saturating", "dcgan": "non_saturating", "sngan": "hinge",
    "hingeloss": "hinge", "sagan": "hinge", "biggan": "hinge", "geometric": "hinge",
    "dragan": "non_saturating + gradient_penalty(kind='dragan')", "rsgan": "relativistic", "rgan": "relativistic",
    "ragan": "relativistic", "r3gan": "relativistic + r1 + r2", "stylegan": "non_saturating + r1",
    "infogan": "minimax + mutual_information", "acgan": "non_saturating + auxiliary_classifier",
    "fgan": "f_divergence('kl')", "kl": "f_divergence('kl')", "js": "f_divergence('js')",
    "reversekl": "f_divergence('reverse_kl')", "pearson": "f_divergence('pearson')",
    "crgan": "non_saturating + consistency",
    "iic": "minimax + mutual_information + invariant_information",
}
_NUMBER, _WORD = r"[+-]?\d[\d.]*(e[+-]?\d+)?", r"[\w./~-]+"


def for_flag(name: str, value: str, known: Iterable[str]) -> str:
    """What a flag that there is not is called here: "--batch_size" or a sentence; "" if nothing comes near."""
    plain = _plain(name)
    same = next((each for each in known if _plain(each) == plain), None)
    if same:
        return f"did you mean --{same}? "
    for hint in FLAGS:
        if plain in hint.names.split():
            if hint.text == _OBJECTIVE and (terms := OBJECTIVES.get(_plain(value))):
                return f"here that is --objective={terms!r} "
            kind = _NUMBER if re.fullmatch(_NUMBER, hint.example) else _WORD
            return f"here that is {hint.text.format(value if re.fullmatch(kind, value) else hint.example)} "
    close = difflib.get_close_matches(name[:100], known, n=1, cutoff=0.6)
    return f"did you mean --{close[0]}? " if close else ""


def for_model(spec: str) -> str:
    """The recipes whose names begin with that of a model that there is not; "" without any."""
    head = re.match(r"\w*", spec.strip().lower().replace("-", "_"))
    stem = head[0] if head else ""
    while stem:
        found = sorted(path.name for path in recipes.folder().glob("*.flags") if _begins(path, stem))
        if found:
            return f"use --flagfile=configs/{found[0]}" + (f" ({', '.join(found)})" if found[1:] else "")
        stem = stem.rpartition("_")[0]
    return ""


def for_objective(spec: str) -> str:
    """The terms of an objective that goes by another name elsewhere; "" for another."""
    terms = OBJECTIVES.get(_plain(spec))
    return f"write --objective={terms!r}" if terms else ""


def for_dataset(name: str) -> str:
    """What to write for the path of a folder; "" for what is none."""
    is_path = name.startswith((".", "/", "~")) or ("/" in name and os.path.isdir(name))
    return f"write --dataset=folder --data_dir={name}" if is_path else ""


def _begins(path: Path, stem: str) -> bool:
    return path.stem == stem or path.stem.startswith(f"{stem}_")


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name.lower())
