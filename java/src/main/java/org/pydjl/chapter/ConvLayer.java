// SPDX-License-Identifier: Apache-2.0
package org.pydjl.chapter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import org.pydjl.nn.convolutional.ConvolutionalLayer;
import org.pydjl.nn.convolutional.CrossCorrelation;
import org.pydjl.nn.convolutional.EdgeDetection;
import org.pydjl.training.KernelLearner;
import org.pydjl.training.LearnedKernel;

import java.io.PrintStream;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The chapter "Convolutions for Images" from top to bottom, in Java alone.
 *
 * <p>It runs on the GPU if there is one, as the chapter does. Change a constant below, build again
 * and run again to see what it does to the learning, here and in {@code pydjl chapter}.
 *
 * <p>Source: Dive into Deep Learning, DJL edition, 6.2.
 */
public final class ConvLayer {

    /** The learning rate of the chapter's kernel learning. It diverges from 2.8 on. */
    public static final double LEARNING_RATE = 0.4;

    /** The number of updates in the chapter's kernel learning. */
    public static final int STEPS = 10;

    /** Where the learning starts: the losses that the chapter prints follow from these weights. */
    private static final double[] START = {0.002919, -0.007190};

    /** Kept, because a logger that nobody holds forgets its level. */
    private static final Logger DJL_LOG = Logger.getLogger("ai.djl");

    private final PrintStream out;
    private final NDManager manager;

    private ConvLayer(PrintStream out, NDManager manager) {
        this.out = out;
        this.manager = manager;
    }

    /**
     * Returns where the learning starts.
     *
     * @return the two weights; the array is the caller's
     */
    public static double[] start() {
        return START.clone();
    }

    /**
     * Runs the chapter and prints what each section shows.
     *
     * @param args not used
     */
    public static void main(String[] args) {
        // DJL's notices of what it loads would stand between the lines of the chapter.
        DJL_LOG.setLevel(Level.WARNING);
        try (NDManager manager = NDManager.newBaseManager()) {
            ConvLayer chapter = new ConvLayer(System.out, manager);
            chapter.crossCorrelation();
            chapter.convolutionalLayer();
            chapter.edgeDetection();
            chapter.learningKernel();
            chapter.convolution();
        }
    }

    private void crossCorrelation() {
        section("6.2.1", "The cross-correlation operator");
        NDArray x = figureInput();
        NDArray k = figureKernel();
        show("The input", x);
        show("The kernel slides over it", k);
        show(
                "At each place where the kernel fits, products added up; the first cell is"
                        + " 0*0 + 1*1 + 3*2 + 4*3 = 19",
                CrossCorrelation.corr2d(x, k));
    }

    private void convolutionalLayer() {
        section("6.2.2", "Convolutional layers");
        ConvolutionalLayer layer = new ConvolutionalLayer(new Shape(2, 2));
        layer.setInitializer((m, shape, type) -> figureKernel(), Parameter.Type.WEIGHT);
        layer.setInitializer((m, shape, type) -> m.ones(shape, type), Parameter.Type.BIAS);
        NDArray x = figureInput();
        layer.initialize(manager, DataType.FLOAT32, x.getShape());
        show("A layer has a kernel", layer.getWeight());
        show("and one number that it adds to each cell", layer.getBias());
        NDList y = layer.forward(new ParameterStore(manager, false), new NDList(x), false);
        show("Both can be learned. Its output for the input above", y.singletonOrThrow());
    }

    private void edgeDetection() {
        section("6.2.3", "Object edge detection in images");
        NDArray x = EdgeDetection.image(manager);
        NDArray k = EdgeDetection.kernel(manager);
        show("A white image with a black stripe", x);
        show("A kernel that subtracts each pixel's right neighbour", k);
        show(
                "It finds both edges: 1 from white to black, -1 from black to white",
                CrossCorrelation.corr2d(x, k));
        show(
                "It is blind to horizontal edges, so of the transposed image nothing is left",
                CrossCorrelation.corr2d(x.transpose(), k));
    }

    private void learningKernel() {
        section("6.2.4", "Learning a kernel");
        NDArray x = EdgeDetection.image(manager);
        NDArray y = CrossCorrelation.corr2d(x, EdgeDetection.kernel(manager));
        LearnedKernel learned =
                KernelLearner.builder()
                        .setKernelShape(new Shape(1, 2))
                        .optLearningRate(LEARNING_RATE)
                        .optSteps(STEPS)
                        .optInitial(START)
                        .build()
                        .learn(x, y);
        out.printf(
                "From the image and its edge map alone, in %d steps with learning rate %s:%n%n",
                STEPS, LEARNING_RATE);
        double[] losses = learned.getLosses();
        for (int batch = 2; batch <= losses.length; batch += 2) {
            out.printf("batch %d loss: %s%n", batch, (float) losses[batch - 1]);
        }
        out.println();
        NDArray weight = manager.create(learned.getWeight(), learned.getKernelShape());
        show("The kernel on its way to [1, -1]", weight.toType(DataType.FLOAT32, false));
    }

    private void convolution() {
        section("6.2.5", "Cross-correlation and convolution");
        NDArray flipped = figureKernel().flip(0, 1);
        show("A convolution turns the kernel by 180 degrees first", flipped);
        show(
                "so it gives other numbers for the input of 6.2.1. Learning finds the turned kernel"
                        + " just as well, which is why layers do not bother",
                CrossCorrelation.corr2d(figureInput(), flipped));
    }

    private NDArray figureInput() {
        return manager.arange(9f).reshape(3, 3);
    }

    private NDArray figureKernel() {
        return manager.arange(4f).reshape(2, 2);
    }

    private void section(String number, String title) {
        out.printf("%s %s%n%n", number, title);
    }

    private void show(String what, NDArray array) {
        out.printf("%s:%n%s%n", what, array);
    }
}
