package io.otium.lm.engine;

/**
 * The engine now, and since it was loaded.
 *
 * @param running sequences in the batch
 * @param waiting requests in the queue
 * @param kvSlotsUsed cache slots held by sequences (the prefix cache not counted)
 * @param kvSlotsTotal cache slots there are
 * @param promptTokens prompt tokens processed since loading
 * @param cachedTokens prompt tokens found in the prefix cache since loading
 * @param generatedTokens tokens generated since loading
 * @param prefillSeconds time in steps that held prompt tokens
 * @param decodeSeconds time in steps that held only single tokens
 * @param weightBytes memory of the weights
 * @param kvBytes memory of the cache
 */
public record EngineStats(
    int running,
    int waiting,
    long kvSlotsUsed,
    long kvSlotsTotal,
    long promptTokens,
    long cachedTokens,
    long generatedTokens,
    long requests,
    double prefillSeconds,
    double decodeSeconds,
    long weightBytes,
    long kvBytes) {}
