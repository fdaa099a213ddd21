package io.otium.lm.data.smallworld;

import io.otium.core.data.SplitMix64;

/** A field that exercises are drawn from. */
interface Subject {
  Exercise exercise(SplitMix64 random);
}
