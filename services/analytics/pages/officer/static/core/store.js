/**
 * What the phone keeps, in IndexedDB: `queue` (commands not yet sent), `cache` (last answers, nothing personal),
 * `keys` (a key that no script can read) and `settings` (session, marks). The service worker opens it too.
 * @module
 */

const NAME = "maple-bridge-officer";
const VERSION = 1;

let opened = null;

/** The database, opened once; opened anew where the browser closed it. */
export function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      const db = request.result;
      db.createObjectStore("queue", { keyPath: "order", autoIncrement: true }).createIndex("id", "id", {
        unique: true,
      });
      for (const name of ["cache", "keys", "settings"]) db.createObjectStore(name);
    };
    request.onsuccess = () => {
      const db = request.result;
      db.onversionchange = () => {
        db.close();
        opened = null;
      };
      db.onclose = () => {
        opened = null;
      };
      resolve(db);
    };
    request.onerror = () => {
      opened = null;
      reject(request.error);
    };
  });
  return opened;
}

/**
 * One transaction over one store; resolves when it is on the disk, not before.
 * @template T
 * @param {string} name of the store
 * @param {"readonly"|"readwrite"} mode
 * @param {(store: IDBObjectStore) => IDBRequest<T>} work
 * @returns {Promise<T>}
 */
async function once(name, mode, work) {
  const db = await database();
  return new Promise((resolve, reject) => {
    const transaction = db.transaction(name, mode, mode === "readwrite" ? { durability: "strict" } : undefined);
    const request = work(transaction.objectStore(name));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error ?? request.error);
  });
}

export const get = (name, key) => once(name, "readonly", (store) => store.get(key));
export const all = (name) => once(name, "readonly", (store) => store.getAll());
export const put = (name, value, key) => once(name, "readwrite", (store) => store.put(value, key));
export const add = (name, value) => once(name, "readwrite", (store) => store.add(value));
export const remove = (name, key) => once(name, "readwrite", (store) => store.delete(key));
export const clear = (name) => once(name, "readwrite", (store) => store.clear());

/**
 * Changes one record in one transaction, so that a page and a service worker never overwrite each other.
 * @param {(before: any) => any} change returns the record to keep; undefined leaves it as it was
 */
export async function change(name, key, change_) {
  const db = await database();
  return new Promise((resolve, reject) => {
    const transaction = db.transaction(name, "readwrite", { durability: "strict" });
    const store = transaction.objectStore(name);
    const request = store.get(key);
    let after;
    request.onsuccess = () => {
      after = change_(request.result);
      if (after !== undefined) store.put(after, store.keyPath ? undefined : key);
    };
    transaction.oncomplete = () => resolve(after);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}
