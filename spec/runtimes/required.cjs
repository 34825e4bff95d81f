// Prints how many names require() gives, and which of them import() does not.
const required = require('qwebsockets');

async function compare() {
  const imported = await import('qwebsockets');
  const names = Object.keys(required);
  const missing = names.filter((name) => !(name in imported));
  console.log(`${names.length} names, missing: ${missing.join() || 'none'}`);
}

void compare();
