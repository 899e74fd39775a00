// SPDX-License-Identifier: Apache-2.0

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import org.pydjl.training.KernelLearner;
import py4j.GatewayServer;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.function.Function;

/**
 * DJL in a Java process of its own, which Python reaches by Py4J or by files.
 *
 * <p>A request is a line of words: the operation, a number, and the shapes of the arrays, such as
 * {@code conv2d 0 1x1x6x8 1x1x1x2}. The arrays' float32 elements follow one another, as bytes; so
 * do the results'. The process ends with its standard input.
 */
public final class Rival {

    private static final NDManager ROOT = NDManager.newBaseManager(Device.cpu());

    private Rival() {}

    public static void main(String[] arguments) throws IOException {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        if (arguments[0].equals("py4j")) {
            GatewayServer server = new GatewayServer(new Rival(), 0);
            server.start();
            System.out.println(server.getListeningPort());
            while (input.readLine() != null) {} // ends with Python
            System.exit(0);
        }
        System.out.println("ready");
        Path given = Path.of(arguments[1]);
        Path results = Path.of(arguments[2]);
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            answer(line, given, results);
            System.out.println("done");
        }
    }

    /** What Py4J calls. */
    public byte[] answer(String request, byte[] data) {
        return compute(request, ByteBuffer.wrap(data), Rival::join);
    }

    private static void answer(String request, Path given, Path results) throws IOException {
        ByteBuffer data;
        try (FileChannel file = FileChannel.open(given)) {
            data = ByteBuffer.allocateDirect((int) file.size());
            while (data.hasRemaining() && file.read(data) >= 0) {}
        }
        data.flip();
        ByteBuffer[] parts =
                compute(
                        request,
                        data,
                        list ->
                                list.stream()
                                        .map(NDArray::toByteBuffer)
                                        .toArray(ByteBuffer[]::new));
        try (FileChannel file =
                FileChannel.open(
                        results,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            for (ByteBuffer part : parts) {
                while (part.hasRemaining()) {
                    file.write(part);
                }
            }
        }
    }

    private static byte[] join(NDList list) {
        if (list.size() == 1) {
            return list.head().toByteArray();
        }
        ByteBuffer all = ByteBuffer.allocate(list.stream().mapToInt(Rival::bytes).sum());
        list.forEach(each -> all.put(each.toByteArray()));
        return all.array();
    }

    private static int bytes(NDArray array) {
        return (int) array.size() * Float.BYTES;
    }

    private static <T> T compute(String request, ByteBuffer data, Function<NDList, T> results) {
        String[] words = request.split(" ");
        int number = Integer.parseInt(words[1]);
        try (NDManager manager = ROOT.newSubManager()) {
            NDList arrays = new NDList();
            for (int i = 2; i < words.length; i++) {
                Shape shape = shape(words[i]);
                ByteBuffer part = data.slice().order(ByteOrder.nativeOrder());
                part.limit((int) shape.size() * Float.BYTES);
                data.position(data.position() + part.limit());
                arrays.add(manager.create(part, shape, DataType.FLOAT32));
            }
            return results.apply(compute(words[0], number, arrays));
        }
    }

    private static Shape shape(String word) {
        return new Shape(Arrays.stream(word.split("x")).mapToLong(Long::parseLong).toArray());
    }

    private static NDList compute(String operation, int number, NDList arrays) {
        switch (operation) {
            case "exchange":
                return arrays;
            case "conv2d":
                return new NDList(conv2d(arrays.get(0), arrays.get(1), number));
            case "gradients":
                return gradients(arrays.get(0), arrays.get(1), arrays.get(2), number);
            case "learn":
                return new NDList(learn(arrays.get(0), arrays.get(1), number));
            case "threads":
                JniUtils.setNumThreads(number);
                return arrays;
            default:
                throw new IllegalArgumentException(operation);
        }
    }

    private static NDArray conv2d(NDArray x, NDArray weight, int padding) {
        Shape zeros = new Shape(padding, padding);
        return Conv2d.conv2d(x, weight, null, new Shape(1, 1), zeros).singletonOrThrow();
    }

    /** The gradients of x and of the weight, from the output's. */
    private static NDList gradients(NDArray x, NDArray weight, NDArray output, int padding) {
        x.setRequiresGradient(true);
        weight.setRequiresGradient(true);
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            collector.backward(conv2d(x, weight, padding).mul(output).sum());
        }
        return new NDList(x.getGradient(), weight.getGradient());
    }

    private static NDArray learn(NDArray x, NDArray y, int steps) {
        KernelLearner learner =
                KernelLearner.builder()
                        .setKernelShape(new Shape(1, 2))
                        .optInitial(new double[2])
                        .optSteps(steps)
                        .build();
        NDArray weight = x.getManager().create(learner.learn(x, y).getWeight(), new Shape(1, 2));
        return weight.toType(DataType.FLOAT32, false);
    }
}
