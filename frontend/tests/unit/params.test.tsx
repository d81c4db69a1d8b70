// What a page keeps in its address.
import { act, cleanup, render } from '@testing-library/react';
import { startTransition, Suspense, use, useState } from 'react';
import { createMemoryRouter, RouterProvider, useSearchParams } from 'react-router';
import { afterEach, expect, it } from 'vitest';
import { useSetParams } from '../../src/app/params';

afterEach(cleanup);

it('changes the address as it is, not as it was drawn last', async () => {
  const never = new Promise<never>(() => undefined);
  let set: ReturnType<typeof useSetParams> = () => undefined;
  let wait: (on: boolean) => void = () => undefined;
  function Page() {
    const [params] = useSearchParams();
    const [waits, setWaits] = useState(false);
    set = useSetParams();
    wait = setWaits;
    // a page whose next state cannot be drawn yet
    if (waits && params.get('q') !== null) {
      use(never);
    }
    return <p>{params.toString()}</p>;
  }
  const router = createMemoryRouter([{ path: '/', element: <Suspense><Page /></Suspense> }]);
  const { container } = render(<RouterProvider router={router} />);
  await act(async () => {
    startTransition(() => {
      wait(true);
    });
    await Promise.resolve();
  });
  const stale = set;
  await act(async () => {
    stale({ q: 'shop' });
    await Promise.resolve();
  });
  expect(container.textContent).toBe('');
  await act(async () => {
    stale({ account: 'all' });
    await Promise.resolve();
  });
  expect(router.state.location.search).toBe('?q=shop&account=all');
});
