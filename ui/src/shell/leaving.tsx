import Button from '@atlaskit/button/new';
import ModalDialog, { ModalBody, ModalFooter, ModalHeader, ModalTitle, ModalTransition } from '@atlaskit/modal-dialog';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { t } from '../messages';

const text = t.shell;

interface Leaving {
  /** To be shown somewhere on the page. */
  dialog: ReactNode;
  /** Nothing is asked from now on: what was entered is saved. */
  release: () => void;
}

/**
 * While something is `unsaved`, asks before the page is left: in a dialog of ours where a link or the browser's arrows lead elsewhere
 * behind `#`, in the browser's own where the whole document would go.
 */
export function useLeaving(unsaved: boolean, why: string): Leaving {
  const [to, setTo] = useState<string | null>(null);
  const released = useRef(false);
  const release = () => {
    released.current = true;
  };

  useEffect(() => {
    if (!unsaved) return undefined;
    const here = window.location.href;
    // A link: nothing has happened yet.
    const onClick = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest('a[href^="#"]') : null;
      if (released.current || !link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
      event.preventDefault();
      event.stopPropagation();
      setTo(link.getAttribute('href'));
    };
    // The browser's arrows: the address has changed already, and is put back before the router sees it.
    const onMove = (event: Event) => {
      if (released.current || window.location.href === here) return;
      event.stopImmediatePropagation();
      setTo(window.location.hash);
      history.pushState(history.state, '', here);
    };
    const onUnload = (event: BeforeUnloadEvent) => {
      if (!released.current) event.preventDefault();
    };
    window.addEventListener('click', onClick, true);
    window.addEventListener('popstate', onMove, true);
    window.addEventListener('hashchange', onMove, true);
    window.addEventListener('beforeunload', onUnload);
    return () => {
      window.removeEventListener('click', onClick, true);
      window.removeEventListener('popstate', onMove, true);
      window.removeEventListener('hashchange', onMove, true);
      window.removeEventListener('beforeunload', onUnload);
    };
  }, [unsaved]);

  const leave = () => {
    release();
    if (to !== null) window.location.hash = to;
  };
  const stay = () => setTo(null);
  const dialog = (
    <ModalTransition>
      {to !== null && (
        <ModalDialog onClose={stay} width="small">
          <ModalHeader hasCloseButton closeButtonLabel={t.common.close}>
            <ModalTitle appearance="warning">{text.leaveTitle}</ModalTitle>
          </ModalHeader>
          <ModalBody>
            <p>{why}</p>
          </ModalBody>
          <ModalFooter>
            <Button appearance="subtle" onClick={stay}>
              {text.stay}
            </Button>
            <Button appearance="warning" onClick={leave}>
              {text.leave}
            </Button>
          </ModalFooter>
        </ModalDialog>
      )}
    </ModalTransition>
  );
  return { dialog, release };
}
