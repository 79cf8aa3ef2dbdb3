export interface FrameOptions {
  /** How many bytes a message may have: 4,096 or more; without it, as many as it takes. */
  readonly frameSizeLimit?: number | undefined;
}

const frameSizeMin = 4096;

/** What is kept free for the range that says that more is to come. */
const frameReserve = 200;

/** How many bytes of ranges a message takes before it ends with a fingerprint of all that is left. */
export function roomIn({ frameSizeLimit }: FrameOptions): number {
  if (frameSizeLimit === undefined) return Infinity;
  if (!(frameSizeLimit >= frameSizeMin))
    throw new RangeError(`a frame has at least ${frameSizeMin} bytes: ${frameSizeLimit}`);
  return frameSizeLimit - frameReserve;
}
