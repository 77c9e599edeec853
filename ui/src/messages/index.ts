import { en } from './en';

/** A catalogue in another language has the same keys; a missing one does not compile. */
export type Messages = typeof en;

/** Every text a person sees comes from here. */
export const t: Messages = en;
