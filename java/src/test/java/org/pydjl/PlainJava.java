// SPDX-License-Identifier: Apache-2.0
package org.pydjl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;

import java.util.Arrays;
import java.util.Random;

/** What the library computes, once more on double[][]: no DJL in the arithmetic, no clever step. */
public final class PlainJava {

    private PlainJava() {}

    public static double[][] corr2d(double[][] x, double[][] k) {
        double[][] y = new double[x.length - k.length + 1][x[0].length - k[0].length + 1];
        for (int i = 0; i < y.length; i++) {
            for (int j = 0; j < y[0].length; j++) {
                for (int p = 0; p < k.length; p++) {
                    for (int q = 0; q < k[0].length; q++) {
                        y[i][j] += x[i + p][j + q] * k[p][q];
                    }
                }
            }
        }
        return y;
    }

    /** The gradient of sum(g * corr2d(x, k)) with respect to x. */
    public static double[][] inputGradient(double[][] x, double[][] k, double[][] g) {
        double[][] gradient = new double[x.length][x[0].length];
        for (int i = 0; i < g.length; i++) {
            for (int j = 0; j < g[0].length; j++) {
                for (int p = 0; p < k.length; p++) {
                    for (int q = 0; q < k[0].length; q++) {
                        gradient[i + p][j + q] += g[i][j] * k[p][q];
                    }
                }
            }
        }
        return gradient;
    }

    public static double[][] minus(double[][] a, double[][] b) {
        double[][] difference = new double[a.length][a[0].length];
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < a[0].length; j++) {
                difference[i][j] = a[i][j] - b[i][j];
            }
        }
        return difference;
    }

    public static double[][] times(double[][] a, double factor) {
        return Arrays.stream(a)
                .map(row -> Arrays.stream(row).map(v -> v * factor).toArray())
                .toArray(double[][]::new);
    }

    public static double[][] transpose(double[][] a) {
        double[][] result = new double[a[0].length][a.length];
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < a[0].length; j++) {
                result[j][i] = a[i][j];
            }
        }
        return result;
    }

    public static double sum(double[][] a) {
        return Arrays.stream(flatten(a)).sum();
    }

    public static int size(double[][] a) {
        return a.length * a[0].length;
    }

    public static double[] flatten(double[][] a) {
        return Arrays.stream(a).flatMapToDouble(Arrays::stream).toArray();
    }

    /** Whole numbers from 0 to high, so that sums of products are exact in every data type. */
    public static double[][] randomIntegers(Random random, int rows, int columns, int high) {
        double[][] values = new double[rows][columns];
        for (double[] row : values) {
            Arrays.setAll(row, j -> random.nextInt(high + 1));
        }
        return values;
    }

    public static double[][] randomNormal(Random random, int rows, int columns) {
        double[][] values = new double[rows][columns];
        for (double[] row : values) {
            Arrays.setAll(row, j -> random.nextGaussian());
        }
        return values;
    }

    public static NDArray array(NDManager manager, double[][] values, DataType type) {
        try (NDArray array = manager.create(values)) {
            return array.toType(type, true);
        }
    }

    public static double[] values(NDArray array) {
        return Arrays.stream(array.toArray()).mapToDouble(Number::doubleValue).toArray();
    }
}
