import { Construct, type IConstruct } from "constructs";
import { namePattern, nameRule, shareKey } from "../../src/spec/name";
import { AccessLevel } from "../access";
import { isMarked, mark } from "../internal/brands";
import type { CarrierResource } from "../internal/carrier-resource";
import { Checks } from "../internal/checks";
import type { ShareTarget } from "../internal/lustre/bound-file-system";
import { locationTriggers } from "../internal/lustre/locations";
import { idIn, made, optionsWith, required, type Shape, text } from "../internal/property-kinds";
import { LustreAccessRule, type LustreAccessRuleOptions, type LustreAccessRuleProps } from "./lustre-access-rule";
import type { ILustreFileSystem } from "./lustre-file-system";
import { type LustreShareOptions, lustreShareOptions } from "./lustre-share-options";
import { checkAdoptedPath, defaultMode, propertyTriggers } from "./lustre-share-triggers";

/** A share, managed here or elsewhere, as access rules and other resources refer to it. */
export interface ILustreShare extends IConstruct {
  /** Name of the share on the storage. */
  readonly shareName: string;

  /** The file system it lies on. */
  readonly fileSystem: ILustreFileSystem;

  /**
   * What a client mounts, such as `10.0.0.1@tcp:/scratch/shares/genomics`. On Lustre 2.16 it names the root of the file system, since
   * the root of a client is the one share that it has there.
   */
  readonly exportLocation: string;

  /** Where the share lies on the client that the executor uses, such as `/mnt/lustre/shares/genomics`. */
  readonly path: string;

  /** A command that mounts the share on `/mnt/<shareName>`. */
  readonly mountCommand: string;

  /** A line of /etc/fstab that mounts the share on `/mnt/<shareName>`. */
  readonly fstabEntry: string;

  /**
   * Lets clients read the share.
   *
   * @param id of the access rule, and its name on the storage unless `options.ruleName` says otherwise
   * @param clients as in LustreAccessRuleProps.clients
   */
  grantRead(id: string, clients: string | string[], options?: LustreAccessRuleOptions): LustreAccessRule;

  /**
   * Lets clients read and write the share.
   *
   * @param id of the access rule, and its name on the storage unless `options.ruleName` says otherwise
   * @param clients as in LustreAccessRuleProps.clients
   */
  grantReadWrite(id: string, clients: string | string[], options?: LustreAccessRuleOptions): LustreAccessRule;

  /** @internal */
  readonly _target: ShareTarget;
}

/** Properties of LustreShare. */
export interface LustreShareProps extends LustreShareOptions {
  /** The file system that the share lies on; of the same stack. */
  readonly fileSystem: ILustreFileSystem;
}

/** What is needed to refer to a share that somebody else manages. */
export interface LustreShareAttributes {
  /** A description of the file system in the stack that refers to the share; its pathPrefix must be that of the share. */
  readonly fileSystem: ILustreFileSystem;

  /** Name of the share on the storage. */
  readonly shareName: string;
}

const fileSystem = required(made("LustreFileSystem", "a LustreFileSystem"));
const shareProps: Shape<LustreShareProps> = { fileSystem, ...lustreShareOptions };
const shareAttributes: Shape<LustreShareAttributes> = { fileSystem, shareName: required(text) };

/**
 * A share: one directory with a project id and a quota of its own, `<mountPoint>/<pathPrefix>/<shareName>`.
 *
 * Deploying it makes the directory under a hidden name, tags it (`lfs project -p ID -s`), limits it (`lfs setquota -p ID`), stripes it
 * (`lfs setstripe`), sets owner and mode, and renames it into place: no client sees the share before its limit holds. Nobody can mount
 * it until an access rule says so. A change of any property but the name changes just that on the storage.
 *
 * In Terraform it is a claim (its existence, one key of the file system's claim block) and an applied resource (its properties). A plan
 * that replaces the applied resource is how a change looks; it never touches data. Only a claim that goes away removes the share, the
 * way `removalPolicy` says.
 *
 * The id is also the name of the share unless `shareName` is given: renaming the id then makes a new, empty share. Write `shareName`
 * before you rename an id.
 */
export class LustreShare extends Construct implements ILustreShare {
  /**
   * Refers to a share that another stack, app or person manages. Its attributes are literals, access rules may be put on it, and
   * nothing about the share itself is ever changed from here.
   *
   * @throws ShareSynthesisError for a name that no share can have, or a file system of another stack
   */
  static fromShareName(scope: Construct, id: string, attributes: LustreShareAttributes): ILustreShare {
    return new ImportedLustreShare(scope, id, attributes);
  }

  /** True for a LustreShare, also one of another copy of this package; false for what `fromShareName` returns. */
  static isLustreShare(construct: unknown): construct is LustreShare {
    return isMarked(construct, "LustreShare");
  }

  readonly shareName: string;
  readonly fileSystem: ILustreFileSystem;

  /** @internal */
  readonly _target: ShareTarget;

  private readonly applied: CarrierResource;

  /** @throws ShareSynthesisError for a property that cannot be used, or a share that is declared already anywhere in the app */
  constructor(scope: Construct, id: string, given: LustreShareProps) {
    super(scope, idIn(scope, id));
    mark(this, "LustreShare");
    mark(this, "AnyLustreShare");
    const check = new Checks(this);
    const props = check.properties(shareProps, given);
    const bound = props.fileSystem._bound;
    bound.requireSameStack(this, "fileSystem");
    this.fileSystem = props.fileSystem;
    this.shareName = check.text("shareName", props.shareName ?? id, namePattern, nameRule);
    const key = shareKey(this.fileSystem.pathPrefix, this.shareName);
    const adoptedPath = typeof props.adopt === "object" ? checkAdoptedPath(check, props.adopt.path) : undefined;
    const triggers = {
      ...locationTriggers(bound.spec, this.shareName, adoptedPath ?? `/${key}`),
      ...propertyTriggers(check, props),
    };
    const { deletionProtection } = props;
    const adopt = Boolean(props.adopt);
    this.applied = bound.addShare(this, key, { triggers, adopt, adoptsPath: adoptedPath !== undefined, deletionProtection });
    this._target = {
      fileSystem: bound,
      key,
      fileset: () => `\${${this.applied.triggerExpression("fileset")}}`,
      adopt,
      top: { ...props.owner, mode: props.mode ?? defaultMode, isModeWritten: props.mode !== undefined },
    };
  }

  /** Address of the applied resource, so that other resources can wait for the share: `dependsOn: [share]`. */
  get fqn(): string {
    return this.applied.fqn;
  }

  get exportLocation(): string {
    return this.applied.triggerReference("export_location");
  }

  get path(): string {
    return this.applied.triggerReference("path");
  }

  get mountCommand(): string {
    return this.applied.triggerReference("mount_command");
  }

  get fstabEntry(): string {
    return this.applied.triggerReference("fstab_entry");
  }

  grantRead(id: string, clients: string | string[], options: LustreAccessRuleOptions = {}): LustreAccessRule {
    return ruleOn(this, id, options, { clients, level: AccessLevel.READ_ONLY });
  }

  grantReadWrite(id: string, clients: string | string[], options: LustreAccessRuleOptions = {}): LustreAccessRule {
    return ruleOn(this, id, options, { clients, level: AccessLevel.READ_WRITE });
  }
}

class ImportedLustreShare extends Construct implements ILustreShare {
  readonly shareName: string;
  readonly fileSystem: ILustreFileSystem;
  readonly exportLocation: string;
  readonly path: string;
  readonly mountCommand: string;
  readonly fstabEntry: string;

  /** @internal */
  readonly _target: ShareTarget;

  constructor(scope: Construct, id: string, given: LustreShareAttributes) {
    super(scope, idIn(scope, id));
    mark(this, "AnyLustreShare");
    const check = new Checks(this);
    const { fileSystem, shareName } = check.properties(shareAttributes, given);
    const bound = fileSystem._bound;
    bound.requireSameStack(this, "fileSystem");
    this.fileSystem = fileSystem;
    this.shareName = check.text("shareName", shareName, namePattern, nameRule);
    const key = shareKey(fileSystem.pathPrefix, shareName);
    const triggers = locationTriggers(bound.spec, shareName, `/${key}`);
    this.exportLocation = triggers.export_location;
    this.path = triggers.path;
    this.mountCommand = triggers.mount_command;
    this.fstabEntry = triggers.fstab_entry;
    this._target = { fileSystem: bound, key, fileset: () => triggers.fileset, adopt: false };
  }

  grantRead(id: string, clients: string | string[], options: LustreAccessRuleOptions = {}): LustreAccessRule {
    return ruleOn(this, id, options, { clients, level: AccessLevel.READ_ONLY });
  }

  grantReadWrite(id: string, clients: string | string[], options: LustreAccessRuleOptions = {}): LustreAccessRule {
    return ruleOn(this, id, options, { clients, level: AccessLevel.READ_WRITE });
  }
}

type Granted = Pick<LustreAccessRuleProps, "clients" | "level">;

function ruleOn(share: ILustreShare, id: string, options: LustreAccessRuleOptions, granted: Granted): LustreAccessRule {
  return new LustreAccessRule(share, id, optionsWith(share, id, options, { share, ...granted }));
}
