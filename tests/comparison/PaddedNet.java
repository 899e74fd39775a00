// SPDX-License-Identifier: Apache-2.0
package org.example;

/** Whose second convolution is padded, so that its dense layer takes more. */
public class PaddedNet extends OwnNet {

    /** Made by the command line, without arguments. */
    public PaddedNet() {
        super("padding 4");
    }
}
