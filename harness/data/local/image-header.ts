/** @file What the first bytes of an image say of it, before anything is decoded. */

export interface ImageHeader {
  height: number;
  width: number;
  /** Whether it has no colour by its format; a palette and a bitmap count as colour. */
  grey: boolean;
  /** EXIF's orientation; 1: as stored, or not said. */
  orientation: number;
}

/** Null for bytes that are no PNG, JPEG, GIF or BMP, or end before they say their size. */
export function imageHeader(bytes: Uint8Array): ImageHeader | null {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    if (view.subarray(0, 8).equals(PNG)) return pngHeader(view);
    if (view.readUInt16BE(0) === 0xffd8) return jpegHeader(view);
    if (view.subarray(0, 3).toString("latin1") === "GIF")
      return colour(view.readUInt16LE(8), view.readUInt16LE(6));
    if (view.subarray(0, 2).toString("latin1") === "BM")
      return colour(Math.abs(view.readInt32LE(22)), view.readInt32LE(18));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // the bytes end too early
  }
  return null;
}

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

const colour = (height: number, width: number): ImageHeader => ({
  ...{ height, width, grey: false, orientation: 1 },
});

/** PNG, section 11.2.1: IHDR comes first; colour types 0 and 4 are grey. */
function pngHeader(view: Buffer): ImageHeader {
  const type = view.readUInt8(25);
  const size = { height: view.readUInt32BE(20), width: view.readUInt32BE(16) };
  return { ...size, grey: type === 0 || type === 4, orientation: 1 };
}

/** ITU T.81, annex B: segments up to the frame header, SOF0 to SOF15 without DHT, JPG and DAC. */
function jpegHeader(view: Buffer): ImageHeader {
  let orientation = 1;
  for (let at = 2; ;) {
    while (view.readUInt8(at) === 0xff) at++;
    const marker = view.readUInt8(at);
    const length = view.readUInt16BE(at + 1);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) {
      const size = { height: view.readUInt16BE(at + 4), width: view.readUInt16BE(at + 6) };
      return { ...size, grey: view.readUInt8(at + 8) === 1, orientation };
    }
    if (marker === 0xe1) orientation = exifOrientation(view.subarray(at + 3, at + 1 + length));
    at += 1 + length;
    if (view.readUInt8(at) !== 0xff) throw new RangeError("no marker where one must be");
  }
}

/** EXIF 2.3, section 4.6: tag 0x0112 of the first directory; 1 where there is none. */
function exifOrientation(segment: Buffer): number {
  if (segment.subarray(0, 6).toString("latin1") !== "Exif\0\0") return 1;
  const tiff = segment.subarray(6);
  try {
    const little = tiff.subarray(0, 2).toString("latin1") === "II";
    const short = (at: number) => (little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
    const first = little ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
    for (let i = 0; i < short(first); i++) {
      const entry = first + 2 + 12 * i;
      if (short(entry) === 0x0112) return short(entry + 8);
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // cut short: it says nothing
  }
  return 1;
}
