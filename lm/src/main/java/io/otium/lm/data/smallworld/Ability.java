package io.otium.lm.data.smallworld;

/** What the small world teaches, and what a model of it is examined in. */
public enum Ability {
  /** What is known about the world; examined with phrasings that no training text has. */
  FACTS,
  /** What a text in front of the question says. */
  READING,
  /** Sums and differences within 100, comparing, counting. */
  ARITHMETIC,
  /** Doing what is asked with given words: repeat, reverse, translate, … */
  INSTRUCTIONS,
  /** Greetings and what one asks a stranger; not examined, for nothing in it generalises. */
  TALK
}
