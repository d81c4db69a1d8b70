import { useState } from 'react';

/** The same array as long as its elements are: what is made of many rows is then made once. */
export function useSame<T>(list: readonly T[]): readonly T[] {
  const [held, hold] = useState(list);
  if (list.length === held.length && list.every((element, i) => Object.is(element, held[i]))) {
    return held;
  }
  hold(list);
  return list;
}
