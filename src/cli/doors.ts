import type { Doors } from './context.ts';

/** The doors to the real world. Each loads what it leads to when it is opened. */
export const realDoors: Doors = {
  openServer: async (remote, context) => (await import('./open-server.ts')).openServer(remote, context),
  buildImages: async (jobfile, options) => (await import('../jobfile/build.ts')).buildImages(jobfile, options),
  saveImage: async function* (imageId, signal) {
    yield* (await import('../jobfile/build.ts')).saveImage(imageId, signal);
  },
  imageBytes: async (imageId, signal) => (await import('./submit/image-bytes.ts')).imageBytes(imageId, signal),
};
