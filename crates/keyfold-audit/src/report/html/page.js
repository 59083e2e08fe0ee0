(() => {
  const field = (id) => document.getElementById(id);
  const all = [...document.querySelectorAll('.finding')];
  const show = () => {
    let n = 0;
    for (const one of all) {
      const fits = (!field('rule').value || one.dataset.rule === field('rule').value)
        && (!field('severity').value || one.dataset.severity === field('severity').value)
        && (!field('state').value || one.dataset.state === field('state').value)
        && one.dataset.path.includes(field('path').value);
      one.hidden = !fits;
      n += fits;
    }
    field('count').textContent = `${n} of ${all.length}`;
  };
  field('filters').addEventListener('input', show);
  field('filters').addEventListener('submit', (event) => event.preventDefault());
  show();
})();
