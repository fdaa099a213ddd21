/** What the console's pages of training show: the form of a recipe, data before it is learnt. */
@NullMarked
package io.otium.app.console.train;

import org.jspecify.annotations.NullMarked;
