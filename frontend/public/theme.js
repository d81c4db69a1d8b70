// Applies the stored theme before the first paint (the rest of the theme code
// is in src/lib/theme.ts) and asks for the settings while the code is on its way
// (src/lib/config.ts).
window.drsConfig = fetch('config.json', { cache: 'no-store' });
(function () {
  var choice = null;
  try {
    choice = localStorage.getItem('drs-console:theme');
  } catch (e) {
    // storage is blocked: follow the system
  }
  var dark = choice === 'dark' || (choice !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
})();
