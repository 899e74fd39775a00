// SPDX-License-Identifier: Apache-2.0
package org.pydjl.chapter;

import org.junit.BeforeClass;
import org.junit.ClassRule;
import org.junit.Test;
import org.pydjl.CleanEngine;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

public class ConvLayerTest {

    /** Also proves that the chapter leaves nothing behind. */
    @ClassRule public static final CleanEngine ENGINE = new CleanEngine();

    private static String printed;

    @BeforeClass
    public static void runTheChapter() {
        PrintStream console = System.out;
        Locale locale = Locale.getDefault();
        ByteArrayOutputStream captured = new ByteArrayOutputStream();
        try {
            // A locale with another decimal point must not change the numbers.
            Locale.setDefault(Locale.GERMANY);
            System.setOut(new PrintStream(captured, true, StandardCharsets.UTF_8));
            ConvLayer.main(new String[0]);
        } finally {
            System.setOut(console);
            Locale.setDefault(locale);
        }
        printed =
                captured.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n")
                        .replaceAll("gpu\\(\\d+\\)", "cpu()");
    }

    @Test
    public void constantsAreTheChapters() {
        assertEquals(0.4, ConvLayer.LEARNING_RATE, 0);
        assertEquals(10, ConvLayer.STEPS);
    }

    @Test
    public void figureIsShown() {
        assertPrinted("ND: (2, 2) cpu() float32\n[[19., 25.],\n [37., 43.],\n]\n");
    }

    @Test
    public void layerAddsItsBiasToTheFigure() {
        assertPrinted("weight: (2, 2) cpu() float32 hasGradient\n[[0., 1.],\n [2., 3.],\n]\n");
        assertPrinted("ND: (2, 2) cpu() float32\n[[20., 26.],\n [38., 44.],\n]\n");
    }

    @Test
    public void edgesAreShown() {
        assertPrinted("ND: (6, 8) cpu() float32\n" + rows(6, "[1., 1., 0., 0., 0., 0., 1., 1.]"));
        assertPrinted("ND: (1, 2) cpu() float32\n" + rows(1, "[ 1., -1.]"));
        assertPrinted(
                "ND: (6, 7) cpu() float32\n" + rows(6, "[ 0.,  1.,  0.,  0.,  0., -1.,  0.]"));
        assertPrinted("ND: (8, 5) cpu() float32\n" + rows(8, "[0., 0., 0., 0., 0.]"));
    }

    @Test
    public void learningPrintsTheChaptersLossesAndKernel() {
        double[] losses = {0.12571818, 0.09935227, 0.07851635, 0.06205021, 0.04903732};
        Matcher line = Pattern.compile("(?m)^batch (\\d+) loss: (\\S+)$").matcher(printed);
        for (int i = 0; i < losses.length; i++) {
            assertTrue("a line for each second batch", line.find());
            assertEquals(2 * (i + 1), Integer.parseInt(line.group(1)));
            assertEquals(line.group(), losses[i], Double.parseDouble(line.group(2)), 7.5e-9);
        }
        assertFalse(line.find());
        assertPrinted("ND: (1, 2) cpu() float32\n[[ 0.4475, -0.4477],\n]\n");
    }

    @Test
    public void trueConvolutionOfTheFigureIsShown() {
        assertPrinted("ND: (2, 2) cpu() float32\n[[ 5., 11.],\n [23., 29.],\n]\n");
    }

    @Test
    public void sectionsStandInTheChaptersOrder() {
        int position = -1;
        for (int section = 1; section <= 5; section++) {
            int next = printed.indexOf("6.2." + section + " ", position + 1);
            assertTrue("section 6.2." + section + " in:\n" + printed, next > position);
            position = next;
        }
    }

    private static String rows(int count, String row) {
        StringBuilder rows = new StringBuilder("[");
        for (int i = 0; i < count; i++) {
            rows.append(i == 0 ? "" : " ").append(row).append(",\n");
        }
        return rows.append("]\n").toString();
    }

    private static void assertPrinted(String block) {
        assertTrue("Not printed:\n" + block + "\nbut:\n" + printed, printed.contains(block));
    }
}
