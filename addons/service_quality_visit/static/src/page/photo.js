const MAX_SIDE = 1920;
const QUALITY = 0.8;

/**
 * A photo as JPEG, no bigger than it is kept anyway: it is sent sooner, and fits into what
 * a browser keeps. What only this browser can read, such as HEIC, becomes readable to all.
 *
 * @param {Blob} file
 * @returns {Promise<string>} base64
 */
export async function shrink(file) {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, MAX_SIDE / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(bitmap.width * scale);
    canvas.height = Math.round(bitmap.height * scale);
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    return canvas.toDataURL("image/jpeg", QUALITY).split(",")[1];
}

/** A name that no other photo has: sent twice, it is known again by it. */
export function photoName() {
    const now = luxon.DateTime.now().toFormat("yyyy-MM-dd HH.mm.ss");
    return `${now} ${crypto.randomUUID().slice(0, 8)}.jpg`;
}
