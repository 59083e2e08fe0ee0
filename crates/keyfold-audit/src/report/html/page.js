(() => {
  const field = (id) => document.getElementById(id);
  const value = (id) => field(id)?.value ?? '';
  const all = [...document.querySelectorAll('.finding')];
  const exact = ['rule', 'severity', 'state', 'owner'];
  const show = () => {
    let n = 0;
    for (const one of all) {
      const fits = exact.every((id) => !value(id) || one.dataset[id] === value(id)) && one.dataset.path.includes(value('path'));
      one.hidden = !fits;
      n += fits;
    }
    field('count').textContent = `${n} of ${all.length} findings`;
  };
  field('filters').addEventListener('input', show);
  field('filters').addEventListener('submit', (event) => event.preventDefault());
  show();
})();
