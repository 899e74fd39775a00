// SPDX-License-Identifier: Apache-2.0
package org.pydjl.lab;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/**
 * True convolution by the convolution theorem: the Fourier transform of a full convolution is the
 * product of the Fourier transforms.
 */
public final class FourierConvolution {

    private FourierConvolution() {}

    /**
     * Convolves a line or a plane with a kernel by fast Fourier transforms: {@code n log n} work,
     * whatever the size of the kernel.
     *
     * @param x the input, (L) or (H, W), float32 or float64; not modified
     * @param k the kernel, of as many dimensions, of the input's type; not modified
     * @param mode which part of the full convolution is returned
     * @return what {@link Correlation#convolve} gives, up to rounding
     * @throws IllegalArgumentException if types, devices or numbers of dimensions differ, one is
     *     empty or not of float32 or float64, or mode VALID finds no room for the kernel
     */
    public static NDArray convolve(NDArray x, NDArray k, Mode mode) {
        int dimensions = x == null ? 0 : x.getShape().dimension();
        Operands.checkSignals(x, k, dimensions);
        DataType type = x.getDataType();
        if (type != DataType.FLOAT32 && type != DataType.FLOAT64) {
            throw new IllegalArgumentException(
                    "x has the data type "
                            + type
                            + ", but a Fourier transform takes float32 or float64; convert it with"
                            + " toType.");
        }
        NDIndex part = part(x.getShape(), k.getShape(), mode);
        long[] full = new long[dimensions];
        for (int i = 0; i < dimensions; i++) {
            full[i] = x.getShape().get(i) + k.getShape().get(i) - 1;
        }
        try (NDManager work = x.getManager().newSubManager(x.getDevice())) {
            NDArray product =
                    spectrum(Operands.view(work, x, x.getShape()), full)
                            .mul(spectrum(Operands.view(work, k, k.getShape()), full));
            NDArray y = signal(product, full).get(part);
            y.attach(x.getManager());
            return y;
        }
    }

    /** Half of the spectrum: that of real numbers is symmetric in the last dimension. */
    private static NDArray spectrum(NDArray signal, long[] sizes) {
        int last = sizes.length - 1;
        NDArray spectrum = signal.rfft(sizes[last], last);
        return last == 0 ? spectrum : spectrum.fft(sizes[0], 0);
    }

    private static NDArray signal(NDArray spectrum, long[] sizes) {
        int last = sizes.length - 1;
        NDArray half = last == 0 ? spectrum : spectrum.ifft(sizes[0], 0);
        return half.irfft(sizes[last], last);
    }

    private static NDIndex part(Shape x, Shape k, Mode mode) {
        if (mode == Mode.VALID) {
            Geometry.plain(x.dimension()).outputShape(x, k);
        }
        NDIndex part = new NDIndex();
        for (int i = 0; i < x.dimension(); i++) {
            long before = k.get(i) - 1 - mode.zerosBefore(k.get(i));
            part.addSliceDim(before, before + x.get(i) + mode.zeros(k.get(i)) - (k.get(i) - 1));
        }
        return part;
    }
}
