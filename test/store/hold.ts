/** Opens the store given as the first argument and holds it until killed. */
import { openStore } from '../../src/store/store.ts'

await openStore(process.argv[2] ?? '')
process.stdout.write('open\n')
setInterval(() => {}, 60_000)
