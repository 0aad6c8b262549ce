"""Energy-based GANs on images, the GANs beside them, and the classifier of digits that scores both."""

METHODS = {
    "digit-classifier": "classifier:DigitClassifier",
    "ebgan": "methods:Ebgan",
    "gan": "methods:Gan",
}
