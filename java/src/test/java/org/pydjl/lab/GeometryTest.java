// SPDX-License-Identifier: Apache-2.0
package org.pydjl.lab;

import ai.djl.ndarray.types.Shape;
import org.junit.Test;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

public class GeometryTest {

    private static final long[] ONE = {1, 1};
    private static final long[] NONE = {0, 0};

    @Test
    public void sizesOfTheSources() {
        assertEquals(2, size(5, 3, 2, 0));
        assertEquals(112, size(224, 7, 2, 3));
        assertEquals(5, size(6, 2, 1, 0));
    }

    @Test
    public void shapesOfWhatTheChapterLeadsOnTo() {
        Shape input = new Shape(8, 8);
        Geometry same = new Geometry(ONE, ONE, ONE, 1);
        assertEquals(input, same.outputShape(input, new Shape(3, 3)));
        Geometry uneven = new Geometry(ONE, new long[] {2, 1}, ONE, 1);
        assertEquals(input, uneven.outputShape(input, new Shape(5, 3)));
        Geometry halved = new Geometry(new long[] {2, 2}, ONE, ONE, 1);
        assertEquals(new Shape(4, 4), halved.outputShape(input, new Shape(3, 3)));
        Geometry wide = new Geometry(new long[] {3, 4}, new long[] {0, 1}, ONE, 1);
        assertEquals(new Shape(2, 2), wide.outputShape(input, new Shape(3, 5)));
    }

    @Test
    public void dilationSpreadsTheKernel() {
        Geometry dilated = new Geometry(ONE, NONE, new long[] {2, 3}, 1);
        assertEquals(new Shape(4, 2), dilated.outputShape(new Shape(8, 8), new Shape(3, 3)));
    }

    @Test
    public void impossibleNumbersAreNamed() {
        assertRefused(
                "stride is [1, 0], but numbers of at least 1 are needed.",
                () -> new Geometry(new long[] {1, 0}, NONE, ONE, 1));
        assertRefused(
                "padding is [-1, 0], but numbers of at least 0 are needed.",
                () -> new Geometry(ONE, new long[] {-1, 0}, ONE, 1));
        assertRefused(
                "dilation is [0, 1], but numbers of at least 1 are needed.",
                () -> new Geometry(ONE, NONE, new long[] {0, 1}, 1));
        assertRefused(
                "groups is [0], but numbers of at least 1 are needed.",
                () -> new Geometry(ONE, NONE, ONE, 0));
        assertRefused(
                "There are 2 strides, 1 paddings and 2 dilations, but each dimension needs one of"
                        + " each.",
                () -> new Geometry(ONE, new long[] {0}, ONE, 1));
    }

    @Test
    public void impossibleSizesAreNamed() {
        Geometry plain = Geometry.plain(2);
        assertRefused(
                "The input has the sizes (3, 0), but 2 of at least 1 are needed.",
                () -> plain.outputShape(new Shape(3, 0), new Shape(1, 1)));
        assertRefused(
                "The kernel has the sizes (2), but 2 of at least 1 are needed.",
                () -> plain.outputShape(new Shape(3, 3), new Shape(2)));
        assertRefused(
                "The kernel (1, 4) with dilation [1, 1] does not fit into the input (3, 3) with"
                        + " padding [0, 0]: take a smaller one, or more padding.",
                () -> plain.outputShape(new Shape(3, 3), new Shape(1, 4)));
    }

    private static long size(long input, long kernel, long stride, long padding) {
        long[] one = {1};
        return new Geometry(new long[] {stride}, new long[] {padding}, one, 1)
                .outputShape(new Shape(input), new Shape(kernel))
                .get(0);
    }

    private static void assertRefused(String message, Runnable action) {
        IllegalArgumentException error =
                assertThrows(IllegalArgumentException.class, action::run);
        assertEquals(message, error.getMessage());
    }
}
