/**
 * What waits to be sent, kept by the browser itself: it is still there when the page is
 * closed, the phone restarted or the battery empty. Photos do not fit into localStorage.
 */
export class OutboxStore {
    /** @param {string} name of the database: one for each user */
    constructor(name) {
        this.name = name;
    }

    /** @returns {Promise<object[]>} all entries, in the order in which they were made */
    async all() {
        const entries = await this.run("readonly", (table) => table.getAll());
        return entries.sort((a, b) => a.id - b.id);
    }

    put(entry) {
        return this.run("readwrite", (table) => table.put(entry));
    }

    delete(id) {
        return this.run("readwrite", (table) => table.delete(id));
    }

    async run(mode, ask) {
        const db = await this.open();
        try {
            return await new Promise((resolve, reject) => {
                // strict: written to the disk before the engineer is told that it is kept
                const transaction = db.transaction("entries", mode, { durability: "strict" });
                const request = ask(transaction.objectStore("entries"));
                transaction.oncomplete = () => resolve(request.result);
                transaction.onerror = () => reject(transaction.error);
                transaction.onabort = () => reject(transaction.error);
            });
        } finally {
            db.close();
        }
    }

    open() {
        return new Promise((resolve, reject) => {
            const request = indexedDB.open(this.name, 1);
            request.onupgradeneeded = () =>
                request.result.createObjectStore("entries", { keyPath: "id" });
            request.onsuccess = () => resolve(request.result);
            request.onerror = () => reject(request.error);
        });
    }
}
