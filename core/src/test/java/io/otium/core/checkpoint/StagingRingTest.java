package io.otium.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class StagingRingTest {
  private final StagingRing ring = new StagingRing(100);

  /** 60 and 30 bytes, the first freed: 60..90 is used. */
  private void start() {
    assertThat(ring.tryAllocate(60)).isEqualTo(0);
    assertThat(ring.tryAllocate(30)).isEqualTo(60);
    ring.free(0);
  }

  @Test
  void skipsAnEndThatIsTooSmall() {
    start();
    assertThat(ring.tryAllocate(50)).isEqualTo(0);
    assertThat(ring.used()).isEqualTo(30 + 10 + 50);
    assertThat(ring.tryAllocate(20)).isEqualTo(-1);
    ring.free(60);
    assertThat(ring.tryAllocate(20)).isEqualTo(50);
    assertThat(ring.used()).isEqualTo(50 + 20);
  }

  @Test
  void isFullWhereHeadMeetsTail() {
    start();
    assertThat(ring.tryAllocate(60)).isEqualTo(0);
    assertThat(ring.used()).isEqualTo(100);
    assertThat(ring.tryAllocate(10)).isEqualTo(-1);
    ring.free(60);
    assertThat(ring.tryAllocate(10)).isEqualTo(60);
  }

  @Test
  void startsAnewWhenEmpty() {
    ring.free(ring.tryAllocate(50));
    assertThat(ring.used()).isZero();
    assertThat(ring.tryAllocate(80)).isEqualTo(0);
  }

  @Test
  void survivesAWrapAfterAWrap() {
    // The official ring's tail becomes 0 when it passes the end, and 60 then lands on 50..70.
    start();
    ring.tryAllocate(50);
    ring.free(60);
    assertThat(ring.tryAllocate(20)).isEqualTo(50);
    ring.free(0);
    assertThat(ring.tryAllocate(60)).isEqualTo(-1);
    assertThat(ring.tryAllocate(30)).isEqualTo(70);
  }

  @Test
  void refusesToFreeOutOfOrder() {
    ring.tryAllocate(60);
    ring.tryAllocate(30);
    assertThatThrownBy(() -> ring.free(60))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("regions are freed in the order of their allocation: next is 0, not 60");
  }

  @Test
  void refusesWhatCanNeverFit() {
    assertThatThrownBy(() -> ring.allocate(101))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a region of the ring has 1 to 100 bytes, not 101");
  }

  @Test
  void waitsUntilThereIsRoom() throws Exception {
    start();
    ring.tryAllocate(50);
    CompletableFuture<Long> waiting =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return ring.allocate(20);
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    ring.free(60);
    assertThat(waiting.get()).isEqualTo(50);
  }

  @Test
  void remembersTheMostThatWasUsed() {
    start();
    ring.tryAllocate(50);
    ring.free(60);
    ring.free(0);
    assertThat(ring.used()).isZero();
    assertThat(ring.highWater()).isEqualTo(90);
  }
}
