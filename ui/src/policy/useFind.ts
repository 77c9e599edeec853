import { useEffect, useState } from 'react';
import { cardOf } from './Rules';

/** Looking for rules of a long policy by name, and going to one. */
export interface Find {
  text: string;
  type: (text: string) => void;
  goTo: (rule: { id: string; name: string }) => void;
}

/** `onGo` brings the rules into view, where a tab hides them. */
export function useFind(onGo: () => void = () => undefined): Find {
  const [text, type] = useState('');
  const [wanted, setWanted] = useState<string | null>(null);
  useEffect(() => {
    if (wanted === null) return;
    // Hashes in the address belong to the router, so the page scrolls itself.
    const card = document.getElementById(cardOf(wanted));
    card?.scrollIntoView({ block: 'center' });
    card?.focus({ preventScroll: true });
    setWanted(null);
  }, [wanted]);
  const goTo = ({ id, name }: { id: string; name: string }) => {
    onGo();
    // A long policy does not show all of its rules.
    if (text !== '' || !document.getElementById(cardOf(id))) type(name);
    setWanted(id);
  };
  return { text, type, goTo };
}
