"""Sets of images."""

from __future__ import annotations

from repro.data.sources.entry import Download, Entry, File

_MNIST_HOME = "http://yann.lecun.com/exdb/mnist/"
_MNIST_LICENCE = "CC BY-SA 3.0 (LeCun, Cortes, Burges)"
_LECUN = "LeCun et al. (1998), Gradient-based learning applied to document recognition"
_MNIST_FILES = {
    "train-images-idx3-ubyte": (
        "train",
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        47_040_016,
    ),
    "train-labels-idx1-ubyte": ("train", "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5", 60_008),
    "t10k-images-idx3-ubyte": ("test", "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7", 7_840_016),
    "t10k-labels-idx1-ubyte": ("test", "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2", 10_008),
}
MNIST = Entry(
    name="mnist",
    title="MNIST handwritten digits, 28x28",
    paper=_LECUN,
    licence=_MNIST_LICENCE,
    home=_MNIST_HOME,
    unit="images",
    splits={"train": 60_000, "test": 10_000},
    files=tuple(File(path, split, sha256, size) for path, (split, sha256, size) in _MNIST_FILES.items()),
    downloads=tuple(
        Download(f"https://ossci-datasets.s3.amazonaws.com/mnist/{path}.gz", f"{path}.gz") for path in _MNIST_FILES
    ),
    folders=("MNIST/raw",),
    loader="repro.data.kinds.image_sets:mnist",
    smoke="digits",
)
_BINARISED = "http://www.cs.toronto.edu/~larocheh/public/datasets/binarized_mnist"
MNIST_BINARY = Entry(
    name="mnist-binary",
    title="MNIST in the fixed binarisation of Larochelle",
    paper=f"{_LECUN}; Larochelle and Murray (2011), The Neural Autoregressive Distribution Estimator",
    licence=_MNIST_LICENCE,
    home=f"{_BINARISED}/",
    unit="images",
    splits={"train": 50_000, "valid": 10_000, "test": 10_000},
    files=tuple(
        File(
            f"binarized_mnist_{split}.amat", split,
            otherwise=(
                File(
                    "binarized_mnist.npz",
                    sha256="df14a884cb4aa7ac6692463fb31798a687c4e762c73c23a8ae3114fbec4e6093", bytes=2_336_176,
                ),
            ),
        )
        for split in ("train", "valid", "test")
    ),
    downloads=tuple(
        Download(f"{_BINARISED}/binarized_mnist_{split}.amat", f"binarized_mnist_{split}.amat")
        for split in ("train", "valid", "test")
    ),
    folders=("binarized_mnist",),
    loader="repro.data.kinds.image_sets:mnist_binary",
    smoke="digits",
)  # fmt: skip
NIST_DIGIT_1 = Entry(
    name="nist-digit-1",
    title="NIST SD19, the digit 1, 28x28",
    paper="Grother and Hanaoka (2016), NIST Special Database 19",
    licence="public (NIST)",
    home="https://www.nist.gov/srd/nist-special-database-19",
    unit="images",
    splits={"train": None, "test": None},
    files=(File("nist.digit.1.npy"),),
    folders=("nist",),
    loader="repro.data.kinds.image_sets:nist_digit_1",
    smoke="digits",
    how="scale the digit 1 of the database to 28x28 and save the array (N, 784) as nist.digit.1.npy",
    note="the authors' arrays are not released; the digit 1 of MNIST is the nearest free set",
)
_KRIZHEVSKY = "Krizhevsky (2009), Learning Multiple Layers of Features from Tiny Images"
_CIFAR_HOME = "https://www.cs.toronto.edu/~kriz/cifar.html"
_CIFAR_BATCHES = {
    1: "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5",
    2: "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed",
    3: "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67",
    4: "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48",
    5: "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add",
}
_BATCH_BYTES = 30_730_000
CIFAR_10 = Entry(
    name="cifar-10",
    title="CIFAR-10, 32x32 colour",
    paper=_KRIZHEVSKY,
    licence="none stated, research use",
    home=_CIFAR_HOME,
    unit="images",
    splits={"train": 50_000, "test": 10_000},
    stand_ins={"test-first-1000": 1_000},
    files=(
        *(
            File(f"data_batch_{number}.bin", "train", sha256, _BATCH_BYTES)
            for number, sha256 in _CIFAR_BATCHES.items()
        ),
        File("test_batch.bin", "test", bytes=_BATCH_BYTES),
        File(
            "test_batch.first1000.bin", "test-first-1000",
            "8314c96d7cd65618193bab23acdd5d4c4af15bf6dd00a1781d55beedf3be1ef5", 3_073_000,
        ),
        File("batches.meta.txt"),
    ),
    downloads=(
        Download(
            url="https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
            file="cifar-10-binary.tar.gz",
            members=tuple(
                (f"cifar-10-batches-bin/{name}", name)
                for name in (*(f"data_batch_{number}.bin" for number in _CIFAR_BATCHES), "test_batch.bin",
                             "batches.meta.txt")
            ),
        ),
    ),
    folders=("cifar10", "cifar-10-batches-bin"),
    loader="repro.data.kinds.image_sets:cifar_10",
    smoke="digits",
    note="test-first-1000: where only the first 1,000 test images are to be had without loss",
)  # fmt: skip
CIFAR_100 = Entry(
    name="cifar-100",
    title="CIFAR-100, 32x32 colour",
    paper=_KRIZHEVSKY,
    licence="none stated, research use",
    home=_CIFAR_HOME,
    unit="images",
    splits={"train": 50_000, "test": 10_000},
    files=(
        File("train.bin", "train", bytes=153_700_000),
        File("test.bin", "test", bytes=30_740_000),
        File("fine_label_names.txt"),
    ),
    downloads=(
        Download(
            url="https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz",
            file="cifar-100-binary.tar.gz",
            members=tuple(
                (f"cifar-100-binary/{name}", name) for name in ("train.bin", "test.bin", "fine_label_names.txt")
            ),
        ),
    ),
    folders=("cifar100", "cifar-100-binary"),
    loader="repro.data.kinds.image_sets:cifar_100",
    smoke="digits",
)
SVHN = Entry(
    name="svhn",
    title="Street View House Numbers, cropped digits, 32x32 colour",
    paper="Netzer et al. (2011), Reading Digits in Natural Images with Unsupervised Feature Learning",
    licence="non-commercial use",
    home="http://ufldl.stanford.edu/housenumbers/",
    unit="images",
    splits={"train": 73_257, "test": 26_032},
    files=(File("train_32x32.mat", "train"), File("test_32x32.mat", "test")),
    downloads=tuple(
        Download(f"http://ufldl.stanford.edu/housenumbers/{name}", name)
        for name in ("train_32x32.mat", "test_32x32.mat")
    ),
    loader="repro.data.kinds.image_sets:svhn",
    smoke="digits",
)
_STL_FILES = {
    "train_X.bin": "train", "train_y.bin": "train", "test_X.bin": "test", "test_y.bin": "test",
    "unlabeled_X.bin": "unlabelled", "class_names.txt": "", "fold_indices.txt": "",
}  # fmt: skip
STL_10 = Entry(
    name="stl-10",
    title="STL-10, 96x96 colour",
    paper="Coates et al. (2011), An Analysis of Single-Layer Networks in Unsupervised Feature Learning",
    licence="research use (images of ImageNet)",
    home="https://cs.stanford.edu/~acoates/stl10/",
    unit="images",
    splits={"train": 5_000, "test": 8_000, "unlabelled": 100_000},
    files=tuple(File(name, split) for name, split in _STL_FILES.items()),
    downloads=(
        Download(
            url="http://ai.stanford.edu/~acoates/stl10/stl10_binary.tar.gz",
            file="stl10_binary.tar.gz",
            members=tuple((f"stl10_binary/{name}", name) for name in _STL_FILES),
        ),
    ),
    folders=("stl10_binary", "stl10"),
    loader="repro.data.kinds.image_sets:stl_10",
    smoke="digits",
)
CELEBA = Entry(
    name="celeba",
    title="CelebA, aligned faces",
    paper="Liu et al. (2015), Deep Learning Face Attributes in the Wild",
    licence="non-commercial research",
    home="https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html",
    unit="images",
    splits={"train": 162_770, "valid": 19_867, "test": 19_962},
    files=(File("list_eval_partition.txt"), File("img_align_celeba/202599.jpg")),
    folders=("CelebA",),
    loader="repro.data.kinds.image_sets:celeba",
    smoke="digits",
    how="accept the terms of the home page, get img_align_celeba.zip and list_eval_partition.txt, unpack the images",
)
LSUN = Entry(
    name="lsun",
    title="LSUN bedrooms",
    paper="Yu et al. (2015), LSUN: Construction of a Large-scale Image Dataset using Deep Learning",
    licence="research use",
    home="https://www.yf.io/p/lsun",
    unit="images",
    splits={"train": None},
    files=(File("bedroom_train_lmdb/data.mdb", "train"),),
    loader="",
    smoke="digits",
    how="download the bedroom scenes with the tool of the home page and export them to image files",
    note="no loader of the database itself: repro.data.kinds.photographs reads exported images",
)


def _small_imagenet(size: int) -> Entry:
    batches = tuple(f"train_data_batch_{number}.npz" for number in range(1, 11))
    return Entry(
        name=f"imagenet-{size}",
        title=f"ImageNet at {size}x{size}",
        paper="Chrabaszcz et al. (2017), A Downsampled Variant of ImageNet as an Alternative to the CIFAR datasets",
        licence="ImageNet terms: non-commercial research",
        home="https://image-net.org/download-images",
        unit="images",
        splits={"train": 1_281_167, "valid": 50_000},
        files=(*(File(name, "train") for name in batches), File("val_data.npz", "valid")),
        folders=(f"imagenet{size}",),
        loader=f"repro.data.kinds.image_sets:imagenet_{size}",
        smoke="digits",
        how=f"register at the home page and get the {size}x{size} archives in numpy format",
    )


_FACES = "Samaria and Harter (1994), Parameterisation of a stochastic model for human face identification"
_FACES_LICENCE = "research use (AT&T Laboratories Cambridge)"
_FACES_HOME = "https://cam-orl.co.uk/facedatabase.html"
_FACES_HOW = "save the 400 faces as olivetti_faces.npz with images (400, 64, 64) and subject (400,), both uint8"
_FACES_FILE = File(
    "olivetti_faces.npz", sha256="f5495c59eeac98813e1d48f87a9069a1ce278acd9a453b18d7b4e500e4eed12d", bytes=1_412_951
)
OLIVETTI = Entry(
    name="olivetti-faces",
    title="Olivetti faces, 64x64",
    paper=_FACES,
    licence=_FACES_LICENCE,
    home=_FACES_HOME,
    unit="images",
    splits={"train": 300, "test": 100},
    files=(_FACES_FILE,),
    folders=("olivetti",),
    loader="repro.data.kinds.image_sets:olivetti_faces",
    smoke="digits",
    how=_FACES_HOW,
    note="30 people to train on, the other 10 to test",
)
OLIVETTI_PATCHES = Entry(
    name="olivetti-patches",
    title="Patches of the Olivetti faces, turned and enlarged, 25x25",
    paper=f"{_FACES}; Hinton and Salakhutdinov (2006), Reducing the Dimensionality of Data with Neural Networks",
    licence=_FACES_LICENCE,
    home=_FACES_HOME,
    unit="patches",
    splits={"train": 103_500, "valid": 20_700, "test": 41_400},
    files=(_FACES_FILE,),
    folders=("olivetti-faces", "olivetti"),
    shares="olivetti-faces",
    loader="repro.data.kinds.image_sets:olivetti_patches",
    smoke="digits",
    how=_FACES_HOW,
    note="made anew: the range of the turns and the size of the cut, which the paper does not say, are ours",
)

ENTRIES = (
    MNIST, MNIST_BINARY, NIST_DIGIT_1, CIFAR_10, CIFAR_100, SVHN, STL_10, CELEBA, LSUN, _small_imagenet(32),
    _small_imagenet(64), OLIVETTI, OLIVETTI_PATCHES,
)  # fmt: skip
