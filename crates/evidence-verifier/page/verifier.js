'use strict';
(() => {
  const element = (id) => document.getElementById(id);
  const form = element('form');
  const input = element('pack');
  const drop = element('drop');
  const outcome = element('outcome');
  const verdict = element('verdict');
  const words = { passed: 'Passed', failed: 'Failed', not_checked: 'Not checked' };

  const module = WebAssembly.compile(Uint8Array.from(atob(element('module').textContent.trim()), (c) => c.charCodeAt(0)));

  /** A fresh instance for each pack, so that nothing of one outlives its check. */
  async function verifier() {
    const { exports } = await WebAssembly.instantiate(await module, {});
    const put = (bytes) => {
      const address = exports.allocate(bytes.length);
      new Uint8Array(exports.memory.buffer, address, bytes.length).set(bytes);
      return address;
    };
    const read = (answer) => {
      const number = BigInt.asUintN(64, answer);
      const address = Number(number >> 32n);
      const length = Number(number & 0xffffffffn);
      const text = new TextDecoder().decode(new Uint8Array(exports.memory.buffer, address, length));
      exports.deallocate(address, length);
      return JSON.parse(text);
    };
    return {
      begin: (about) => {
        const bytes = new TextEncoder().encode(JSON.stringify(about));
        return read(exports.begin(put(bytes), bytes.length));
      },
      give: (bytes) => read(exports.give(put(bytes), bytes.length)),
    };
  }

  async function check(file, keys, strict) {
    const session = await verifier();
    let answer = session.begin({ length: file.size, keys, strict });
    let shown = -1;
    while (answer.wants) {
      const { offset, length, done } = answer.wants;
      const percent = file.size ? Math.floor((done * 100) / file.size) : 0;
      if (percent !== shown) {
        shown = percent;
        element('progress').value = percent;
        await new Promise((go) => setTimeout(go));
      }
      answer = session.give(new Uint8Array(await file.slice(offset, offset + length).arrayBuffer()));
    }
    return answer;
  }

  function item(kind, title, why) {
    const line = document.createElement('li');
    const word = document.createElement('b');
    const text = document.createElement('span');
    line.className = kind;
    word.textContent = words[kind];
    text.textContent = title;
    line.append(word, text);
    if (why) {
      const more = document.createElement('p');
      more.className = 'why';
      more.textContent = why;
      line.append(more);
    }
    return line;
  }

  function say(text, kind) {
    verdict.textContent = text;
    verdict.className = kind;
    element('live').textContent = text;
  }

  function scope(about) {
    if (!about) return '';
    if (about.period) return `all records from ${about.period.from} until before ${about.period.to}`;
    const [kind, id] = Object.entries(about)[0];
    return `records of ${kind} ${id}`;
  }

  function show(report) {
    if (report.origin) {
      element('about').textContent = `${report.origin}: ${scope(report.scope)}; ${report.records} records, log of ${report.tree_size} entries.`;
    }
    const lines = report.checks.map((one) => item(one.outcome, one.title, one.message && `${one.message} (${one.code})`));
    element('checks').replaceChildren(...lines);
    const notes = report.notes.map((note) => Object.assign(document.createElement('li'), { textContent: note.text }));
    element('note-list').replaceChildren(...notes);
    element('notes').hidden = notes.length === 0;
    const failed = report.checks.find((one) => one.outcome === 'failed');
    if (report.ok) say('The pack is sound.', 'sound');
    else say(failed ? `The pack is not sound: ${failed.message}.` : 'The pack was not checked to its end.', 'unsound');
  }

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const file = input.files[0];
    const button = element('check');
    outcome.hidden = false;
    element('about').textContent = '';
    element('checks').replaceChildren();
    element('notes').hidden = true;
    element('progress').hidden = false;
    element('progress').value = 0;
    say(`Checking ${file.name} …`, '');
    button.disabled = true;
    try {
      const answer = await check(file, element('keys').value, element('strict').checked);
      if (answer.report) show(answer.report);
      else say(`Nothing was checked: ${answer.misused}.`, 'unsound');
    } catch (error) {
      say(`Nothing was checked: ${error.message}`, 'unsound');
    }
    element('progress').hidden = true;
    button.disabled = false;
    verdict.focus();
  });

  for (const name of ['dragover', 'dragleave', 'drop']) {
    document.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle('over', name === 'dragover');
      if (name === 'drop' && event.dataTransfer.files.length === 1) input.files = event.dataTransfer.files;
    });
  }
})();
